"""What may stand in an element, and what may still stand there once something does.

A pattern is what RELAX NG calls one, read for a single element: its attributes, its text, and its
children by name. What is left of a pattern when an attribute or a child was taken from it is again
a pattern (James Clark's derivatives), so no automaton is ever built and a grammar that refers to
itself costs nothing: the content of a child is only read when somebody asks for it.

Patterns are made by the functions here alone, which give the same object for the same parts:
they are compared, and remembered, by identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from virttui.libvirtxml.schema.datatypes import Datatype

_KEPT = 1 << 16
ANY = "*"
"""The name of an element that may have any name."""


class Pattern:
    """The common part: what is allowed at this level, and whether nothing at all may stand here."""

    __slots__ = ("attributes", "children", "nullable")

    def __init__(
        self, nullable: bool, attributes: tuple[str, ...] = (), children: tuple[str, ...] = ()
    ) -> None:
        self.nullable = nullable
        self.attributes = attributes
        self.children = children


class Text(Pattern):
    """Any text."""

    __slots__ = ()


class Value(Pattern):
    """One word."""

    __slots__ = ("word",)

    def __init__(self, word: str) -> None:
        super().__init__(nullable=not word)
        self.word = word


class Data(Pattern):
    """Text of a type, but for what ``without`` matches. ``called`` is what the schema calls it."""

    __slots__ = ("called", "datatype", "without")

    def __init__(self, datatype: Datatype, without: Pattern, called: str) -> None:
        super().__init__(nullable=False)
        self.datatype = datatype
        self.without = without
        self.called = called


class Attribute(Pattern):
    """An attribute whose value matches ``value``."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Pattern) -> None:
        super().__init__(False, attributes=(name,))
        self.name = name
        self.value = value


class Element(Pattern):
    """A child. What may stand in it is read when it is first asked for."""

    __slots__ = ("_content", "_read", "name")

    def __init__(self, name: str, read: Callable[[], Pattern]) -> None:
        super().__init__(False, children=(name,))
        self.name = name
        self._read = read
        self._content: Pattern | None = None

    @property
    def content(self) -> Pattern:
        """What may stand in it."""
        if self._content is None:
            self._content = self._read()
        return self._content


class Many(Pattern):
    """What is put together of several: any one of them, all in order, or all in any order."""

    __slots__ = ("members",)

    def __init__(self, members: tuple[Pattern, ...], nullable: bool) -> None:
        super().__init__(
            nullable,
            _united(member.attributes for member in members),
            _united(member.children for member in members),
        )
        self.members = members


class Choice(Many):
    """Any one of its members."""

    __slots__ = ()


class Group(Many):
    """All of its members, the children in this order."""

    __slots__ = ()


class Interleave(Many):
    """All of its members, in any order."""

    __slots__ = ()


class Repeat(Pattern):
    """Its one part, once or more often."""

    __slots__ = ("part",)

    def __init__(self, part: Pattern) -> None:
        super().__init__(part.nullable, part.attributes, part.children)
        self.part = part


def _united(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some))


NOTHING = Pattern(nullable=False)
"""Matches nothing: what is left where something was not allowed."""
EMPTY = Pattern(nullable=True)
"""Matches when there is nothing."""
TEXT = Text(nullable=True)


@lru_cache(_KEPT)
def choice(*members: Pattern) -> Pattern:
    """Any one of ``members``."""
    flat: dict[Pattern, None] = {}
    for member in members:
        flat.update(dict.fromkeys(member.members if isinstance(member, Choice) else (member,)))
    flat.pop(NOTHING, None)
    if EMPTY in flat and any(member.nullable for member in flat if member is not EMPTY):
        del flat[EMPTY]
    if len(flat) < 2:
        return next(iter(flat), NOTHING)
    if tuple(flat) != members:
        return choice(*flat)
    return Choice(members, any(member.nullable for member in members))


@lru_cache(_KEPT)
def group(*members: Pattern) -> Pattern:
    """All of ``members``, in their order."""
    return _together(Group, group, members)


@lru_cache(_KEPT)
def interleave(*members: Pattern) -> Pattern:
    """All of ``members``, in any order."""
    return _together(Interleave, interleave, members)


def _together(
    kind: type[Many], make: Callable[..., Pattern], members: tuple[Pattern, ...]
) -> Pattern:
    flat: list[Pattern] = []
    for member in members:
        flat += member.members if isinstance(member, kind) else (member,)
    if NOTHING in flat:
        return NOTHING
    flat = [member for member in flat if member is not EMPTY]
    if len(flat) < 2:
        return flat[0] if flat else EMPTY
    if tuple(flat) != members:
        return make(*flat)
    return kind(members, all(member.nullable for member in members))


@lru_cache(_KEPT)
def repeat(part: Pattern) -> Pattern:
    """``part`` once or more often."""
    return part if part in (NOTHING, EMPTY, TEXT) or isinstance(part, Repeat) else Repeat(part)


def optional(part: Pattern) -> Pattern:
    """``part`` or nothing."""
    return choice(part, EMPTY)


@lru_cache(_KEPT)
def without_attribute(pattern: Pattern, name: str, value: str | None) -> Pattern:
    """What is left when an attribute was given; NOTHING where it is not allowed.

    None for ``value`` stands for any value at all.
    """
    if name not in pattern.attributes:
        return NOTHING
    if isinstance(pattern, Attribute):
        return EMPTY if value is None or matches(pattern.value, value) else NOTHING
    if isinstance(pattern, Repeat):
        rest = without_attribute(pattern.part, name, value)
        return group(rest, optional(pattern))
    assert isinstance(pattern, Many), "nothing else has attributes"
    taken = [without_attribute(member, name, value) for member in pattern.members]
    if isinstance(pattern, Choice):
        return choice(*taken)
    make = group if isinstance(pattern, Group) else interleave
    return choice(*(
        make(*pattern.members[:place], rest, *pattern.members[place + 1 :])
        for place, rest in enumerate(taken)
        if rest is not NOTHING
    ))  # fmt: skip


@lru_cache(_KEPT)
def sealed(pattern: Pattern, *, forgiving: bool = False) -> Pattern:
    """What is left when no more attribute is given; NOTHING where one is missing.

    ``forgiving`` goes on as if what is missing had been given.
    """
    if not pattern.attributes:
        return pattern
    if isinstance(pattern, Attribute):
        return EMPTY if forgiving else NOTHING
    if isinstance(pattern, Repeat):
        return repeat(sealed(pattern.part, forgiving=forgiving))
    assert isinstance(pattern, Many), "nothing else has attributes"
    members = (sealed(member, forgiving=forgiving) for member in pattern.members)
    if isinstance(pattern, Choice):
        return choice(*members)
    return group(*members) if isinstance(pattern, Group) else interleave(*members)


@lru_cache(_KEPT)
def beginnings(pattern: Pattern, name: str) -> tuple[tuple[Element, Pattern], ...]:
    """The elements called ``name`` that may come next, each with what is left behind it."""
    if name not in pattern.children and ANY not in pattern.children:
        return ()
    if isinstance(pattern, Element):
        return ((pattern, EMPTY),)
    if isinstance(pattern, Repeat):
        rest = optional(pattern)
        return tuple((one, group(left, rest)) for one, left in beginnings(pattern.part, name))
    assert isinstance(pattern, Many), "nothing else has children"
    found: list[tuple[Element, Pattern]] = []
    for place, member in enumerate(pattern.members):
        before, after = pattern.members[:place], pattern.members[place + 1 :]
        for one, left in beginnings(member, name):
            if isinstance(pattern, Choice):
                found.append((one, left))
            elif isinstance(pattern, Group):
                found.append((one, group(left, *after)))
            else:
                found.append((one, interleave(*before, left, *after)))
        if isinstance(pattern, Group) and not member.nullable:
            break
    return tuple(found)


def stepped(pattern: Pattern, name: str) -> Pattern:
    """What is left behind a child called ``name``, whatever is in it."""
    return choice(*(rest for _, rest in beginnings(pattern, name)))


def matches(pattern: Pattern, text: str) -> bool:
    """True if a text alone, an attribute's value or an element's, is what the pattern wants."""
    if isinstance(pattern, Text):
        return True
    if isinstance(pattern, Value):
        return " ".join(text.split()) == pattern.word
    if isinstance(pattern, Data):
        return pattern.datatype.takes(text) and not matches(pattern.without, text)
    if isinstance(pattern, Repeat):
        return matches(pattern.part, text)
    if isinstance(pattern, Choice):
        return any(matches(member, text) for member in pattern.members)
    if isinstance(pattern, Many):
        strict = [member for member in pattern.members if not member.nullable]
        if len(strict) == 1:
            return matches(strict[0], text)
        return not strict and any(matches(member, text) for member in pattern.members)
    return pattern.nullable and not text.strip()


@lru_cache(_KEPT)
def needed(pattern: Pattern) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The attributes and children that every way to satisfy the pattern has."""
    if pattern.nullable:
        return (), ()
    if isinstance(pattern, (Attribute, Element)):
        return pattern.attributes, tuple(name for name in pattern.children if name != ANY)
    if isinstance(pattern, Repeat):
        return needed(pattern.part)
    if not isinstance(pattern, Many):
        return (), ()
    parts = [needed(member) for member in pattern.members]
    if isinstance(pattern, Choice):
        return _shared([part[0] for part in parts]), _shared([part[1] for part in parts])
    return _united(part[0] for part in parts), _united(part[1] for part in parts)


def _shared(names: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for name in names[0] if all(name in some for some in names[1:]))


def leaves(pattern: Pattern) -> Iterable[Pattern]:
    """The attributes, elements and texts that may stand at this level."""
    waiting = [pattern]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Many):
            waiting += one.members[::-1]
        elif isinstance(one, Repeat):
            waiting.append(one.part)
        else:
            yield one


@lru_cache(_KEPT)
def words_of(pattern: Pattern) -> tuple[str, ...]:
    """The words among which a text is chosen, as the schema lists them; () where it lists none."""
    found: dict[str, None] = {}
    for one in leaves(pattern):
        if isinstance(one, Value) and one.word:
            found[one.word] = None
        elif isinstance(one, Data):
            found.update(dict.fromkeys(one.datatype.words))
    return tuple(found)


def values_of(pattern: Pattern, name: str) -> tuple[str, ...]:
    """The words among which the value of an attribute is chosen."""
    return words_of(choice(*values(pattern, name)))


def values(pattern: Pattern, name: str) -> Iterable[Pattern]:
    """What the values of an attribute called ``name`` may be at this level."""
    return (one.value for one in leaves(pattern) if isinstance(one, Attribute) and one.name == name)


def elements(pattern: Pattern, name: str) -> tuple[Element, ...]:
    """Every element called ``name`` that may stand at this level, wherever."""
    found = (one for one in leaves(pattern) if isinstance(one, Element) and one.name == name)
    return tuple(dict.fromkeys(found))
