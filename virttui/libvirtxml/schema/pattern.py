"""Patterns of an element's content, and the patterns that remain after parts of it.

A pattern is RELAX NG's, for a single element: its attributes, its text, and its children by name.
The remainder of a pattern after an attribute or a child is again a pattern (James Clark's
derivatives), so no automaton is built, and a recursive grammar costs nothing: the content of a
child is read at the first access.

Patterns are made only by the functions here, which return the same object for the same parts: they
are compared, and cached, by identity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from virttui.libvirtxml.schema.datatypes import Datatype

_CACHE_SIZE = 1 << 16
ANY = "*"
"""The name of an element that may have any name."""


class Pattern:
    """The base class: the names allowed at this level, and whether the content may be empty."""

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
    """A single word."""

    __slots__ = ("word",)

    def __init__(self, word: str) -> None:
        super().__init__(nullable=not word)
        self.word = word


class Data(Pattern):
    """Text of a datatype, except text that matches ``without``. ``definition`` is its name in
    the schema."""

    __slots__ = ("datatype", "definition", "without")

    def __init__(self, datatype: Datatype, without: Pattern, definition: str) -> None:
        super().__init__(nullable=False)
        self.datatype = datatype
        self.without = without
        self.definition = definition


class Attribute(Pattern):
    """An attribute whose value matches ``value``."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Pattern) -> None:
        super().__init__(False, attributes=(name,))
        self.name = name
        self.value = value


class Element(Pattern):
    """A child element. Its content is read at the first access."""

    __slots__ = ("_content", "_read", "name")

    def __init__(self, name: str, read: Callable[[], Pattern]) -> None:
        super().__init__(False, children=(name,))
        self.name = name
        self._read = read
        self._content: Pattern | None = None

    @property
    def content(self) -> Pattern:
        """The pattern of its content."""
        if self._content is None:
            self._content = self._read()
        return self._content


class Many(Pattern):
    """A pattern with several members."""

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
    """Its part, once or more often."""

    __slots__ = ("part",)

    def __init__(self, part: Pattern) -> None:
        super().__init__(part.nullable, part.attributes, part.children)
        self.part = part


def _united(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some))


NOTHING = Pattern(nullable=False)
"""Matches nothing: the remainder after a part that is not allowed."""
EMPTY = Pattern(nullable=True)
"""Matches empty content."""
TEXT = Text(nullable=True)


@lru_cache(_CACHE_SIZE)
def choice(*members: Pattern) -> Pattern:
    """Return a pattern for any one of ``members``."""
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


@lru_cache(_CACHE_SIZE)
def group(*members: Pattern) -> Pattern:
    """Return a pattern for all of ``members``, in order."""
    return _combined(Group, group, members)


@lru_cache(_CACHE_SIZE)
def interleave(*members: Pattern) -> Pattern:
    """Return a pattern for all of ``members``, in any order."""
    return _combined(Interleave, interleave, members)


def _combined(
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


@lru_cache(_CACHE_SIZE)
def repeat(part: Pattern) -> Pattern:
    """Return a pattern for ``part`` once or more often."""
    return part if part in (NOTHING, EMPTY, TEXT) or isinstance(part, Repeat) else Repeat(part)


def optional(part: Pattern) -> Pattern:
    """Return a pattern for ``part`` or nothing."""
    return choice(part, EMPTY)


@lru_cache(_CACHE_SIZE)
def without_attribute(pattern: Pattern, name: str, value: str | None) -> Pattern:
    """Return the remainder after an attribute; NOTHING where it is not allowed.

    None for ``value`` stands for any value.
    """
    if name not in pattern.attributes:
        return NOTHING
    if isinstance(pattern, Attribute):
        return EMPTY if value is None or matches(pattern.value, value) else NOTHING
    if isinstance(pattern, Repeat):
        rest = without_attribute(pattern.part, name, value)
        return group(rest, optional(pattern))
    assert isinstance(pattern, Many), "nothing else has attributes"
    remainders = [without_attribute(member, name, value) for member in pattern.members]
    if isinstance(pattern, Choice):
        return choice(*remainders)
    make = group if isinstance(pattern, Group) else interleave
    return choice(*(
        make(*pattern.members[:place], rest, *pattern.members[place + 1 :])
        for place, rest in enumerate(remainders)
        if rest is not NOTHING
    ))  # fmt: skip


@lru_cache(_CACHE_SIZE)
def after_attributes(pattern: Pattern, *, forgiving: bool = False) -> Pattern:
    """Return the remainder after the last attribute; NOTHING where one is missing.

    ``forgiving`` ignores missing ones.
    """
    if not pattern.attributes:
        return pattern
    if isinstance(pattern, Attribute):
        return EMPTY if forgiving else NOTHING
    if isinstance(pattern, Repeat):
        return repeat(after_attributes(pattern.part, forgiving=forgiving))
    assert isinstance(pattern, Many), "nothing else has attributes"
    members = (after_attributes(member, forgiving=forgiving) for member in pattern.members)
    if isinstance(pattern, Choice):
        return choice(*members)
    return group(*members) if isinstance(pattern, Group) else interleave(*members)


@lru_cache(_CACHE_SIZE)
def next_elements(pattern: Pattern, name: str) -> tuple[tuple[Element, Pattern], ...]:
    """Return the elements called ``name`` that may come next, each with the remainder after it."""
    if name not in pattern.children and ANY not in pattern.children:
        return ()
    if isinstance(pattern, Element):
        return ((pattern, EMPTY),)
    if isinstance(pattern, Repeat):
        rest = optional(pattern)
        return tuple((one, group(left, rest)) for one, left in next_elements(pattern.part, name))
    assert isinstance(pattern, Many), "nothing else has children"
    found: list[tuple[Element, Pattern]] = []
    for place, member in enumerate(pattern.members):
        before, after = pattern.members[:place], pattern.members[place + 1 :]
        for one, left in next_elements(member, name):
            if isinstance(pattern, Choice):
                found.append((one, left))
            elif isinstance(pattern, Group):
                found.append((one, group(left, *after)))
            else:
                found.append((one, interleave(*before, left, *after)))
        if isinstance(pattern, Group) and not member.nullable:
            break
    return tuple(found)


def after_child(pattern: Pattern, name: str) -> Pattern:
    """Return the remainder after a child called ``name``, with any content."""
    return choice(*(rest for _, rest in next_elements(pattern, name)))


def matches(pattern: Pattern, text: str) -> bool:
    """True if a text alone, of an attribute or an element, matches the pattern."""
    if isinstance(pattern, Text):
        return True
    if isinstance(pattern, Value):
        return " ".join(text.split()) == pattern.word
    if isinstance(pattern, Data):
        return pattern.datatype.allows(text) and not matches(pattern.without, text)
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


@lru_cache(_CACHE_SIZE)
def required(pattern: Pattern) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the attributes and children that every match of the pattern has."""
    if pattern.nullable:
        return (), ()
    if isinstance(pattern, (Attribute, Element)):
        return pattern.attributes, tuple(name for name in pattern.children if name != ANY)
    if isinstance(pattern, Repeat):
        return required(pattern.part)
    if not isinstance(pattern, Many):
        return (), ()
    parts = [required(member) for member in pattern.members]
    if isinstance(pattern, Choice):
        return _shared([part[0] for part in parts]), _shared([part[1] for part in parts])
    return _united(part[0] for part in parts), _united(part[1] for part in parts)


def _shared(names: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for name in names[0] if all(name in some for some in names[1:]))


def leaves(pattern: Pattern) -> Iterable[Pattern]:
    """Yield the attributes, elements and texts that are possible at this level."""
    stack = [pattern]
    while stack:
        one = stack.pop()
        if isinstance(one, Many):
            stack += one.members[::-1]
        elif isinstance(one, Repeat):
            stack.append(one.part)
        else:
            yield one


@lru_cache(_CACHE_SIZE)
def text_words(pattern: Pattern) -> tuple[str, ...]:
    """Return the words that a text is chosen from, in the schema's order; () where it lists
    none."""
    found: dict[str, None] = {}
    for one in leaves(pattern):
        if isinstance(one, Value) and one.word:
            found[one.word] = None
        elif isinstance(one, Data):
            found.update(dict.fromkeys(one.datatype.words))
    return tuple(found)


def attribute_words(pattern: Pattern, name: str) -> tuple[str, ...]:
    """Return the words that the value of an attribute is chosen from."""
    return text_words(choice(*value_patterns(pattern, name)))


def value_patterns(pattern: Pattern, name: str) -> Iterable[Pattern]:
    """Return the patterns for values of an attribute called ``name`` at this level."""
    return (one.value for one in leaves(pattern) if isinstance(one, Attribute) and one.name == name)


def elements(pattern: Pattern, name: str) -> tuple[Element, ...]:
    """Return every element called ``name`` that is possible at this level, at any place."""
    found = (one for one in leaves(pattern) if isinstance(one, Element) and one.name == name)
    return tuple(dict.fromkeys(found))
