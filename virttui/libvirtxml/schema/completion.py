"""What may be typed at a place in a definition: names, values, the tag to close.

The text is being typed, so it is not well-formed. What leads to the cursor is read from the text
before it; what is there already, also behind it, from a tree without the tag that is being typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from virttui.libvirtxml.schema import pattern as p
from virttui.libvirtxml.schema.cursor_context import CursorContext, context_at
from virttui.libvirtxml.schema.element_help import element_note
from virttui.libvirtxml.schema.grammar import Grammar
from virttui.libvirtxml.schema.host_values import HostValueLookup
from virttui.libvirtxml.schema.matcher import is_foreign, own_attributes, own_children
from virttui.libvirtxml.schema.pattern import Element, Pattern
from virttui.libvirtxml.schema.schema_files import Schema, schema
from virttui.libvirtxml.schema.size_limits import in_parts
from virttui.libvirtxml.text.tokenizer import Part
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import escaped
from virttui.model.diagnostics import Completion, CompletionItem
from virttui.model.documents import HostValues
from virttui.model.identity import Kind


def complete(text: str, offset: int, kind: Kind, knowledge: HostValues | None) -> Completion | None:
    """What may stand at ``offset``; None where nothing can be said.

    Only what goes on with the word before the cursor is offered. Without schemas the tag to close
    and what the host knows still are.
    """
    if not in_parts(text) or not 0 <= offset <= len(text):
        return None
    place = context_at(text, offset)
    if place is None:
        return None
    found = schema(kind)
    adviser = _Adviser(
        place,
        found.grammar if isinstance(found, Schema) else None,
        HostValueLookup(knowledge, kind) if knowledge is not None else None,
    )
    if place.part is Part.CLOSE_OPEN:
        return adviser.closing()
    if place.part is Part.OPEN:
        return adviser.elements()
    if place.part is Part.ATTRIBUTE:
        return adviser.attributes()
    if place.part is Part.VALUE:
        return adviser.values()
    return adviser.texts()


class _Adviser:
    """Answers for one place."""

    def __init__(
        self, place: CursorContext, grammar: Grammar | None, lookup: HostValueLookup | None
    ) -> None:
        self._place = place
        self._grammar = grammar
        self._lookup = lookup

    def closing(self) -> Completion | None:
        """The name of the innermost open element."""
        if not self._place.chain:
            return None
        name = self._place.chain[-1].name
        closed = "" if self._place.text.startswith(">", self._place.end) else ">"
        text = name + closed
        return self._completion(
            [CompletionItem(text, f"</{name}>", "", len(text))], "closes what is open"
        )

    def elements(self) -> Completion | None:
        """The children that the innermost open element may have here."""
        if self._grammar is None:
            return None
        chain = self._place.chain
        whole = self._content(sealed=True)
        left = whole
        for child in own_children(chain[-1]) if chain else ():
            rest = p.stepped(left, child.name)
            left = rest if rest is not p.NOTHING else left
        allowed = [
            name for name in left.children if name != p.ANY and self._leaves_room(left, name)
        ]
        required = [name for name in p.needed(left)[1] if name in allowed]
        # What has a word of help is what people look for; the rest as the schema lists it.
        others = [name for name in allowed if name not in required]
        others.sort(key=lambda name: not element_note(name))
        names = [*required, *others]
        items = [
            self._element(name, p.elements(left, name), required=name in required) for name in names
        ]
        return self._completion(items, f"elements in {chain[-1].name}" if chain else "documents")

    def _leaves_room(self, left: Pattern, name: str) -> bool:
        """True if the siblings behind the cursor may still follow an element called ``name``."""
        rest = p.stepped(left, name)
        for following in self._place.following:
            without, left = rest, p.stepped(left, following)
            rest = p.stepped(without, following)
            if rest is p.NOTHING:
                # One that could not follow anyway says nothing.
                return left is p.NOTHING
        return rest is not p.NOTHING

    def _element(
        self, name: str, definitions: Sequence[Element], *, required: bool
    ) -> CompletionItem:
        """An element as it is put in: with the attributes it must have, and its end."""
        note = element_note(name) or ("required" if required else "")
        if not self._place.bare:
            return CompletionItem(name, name, note, len(name))
        content = p.choice(*(definition.content for definition in definitions))
        wanted = "".join(f" {attribute}=''" for attribute in p.needed(content)[0])
        inside = p.sealed(content, forgiving=True)
        hollow = inside is p.EMPTY
        text = f"{name}{wanted}/>" if hollow else f"{name}{wanted}></{name}>"
        cursor = text.index("'") + 1 if wanted else text.index("/>" if hollow else "</")
        return CompletionItem(text, name, note, cursor)

    def attributes(self) -> Completion | None:
        """The attributes that the tag may still have."""
        if self._grammar is None:
            return None
        node = self._place.chain[-1]
        typed = self._place.text[self._place.start : self._place.end]
        left = _taken(self._content(sealed=False), node, typed)
        there = {one.name for one in node.attributes if one.name != typed}
        required = [name for name in p.needed(left)[0] if name not in there]
        names = [*required, *(one for one in left.attributes if one not in {*required, *there})]
        items = [
            CompletionItem(
                f"{name}=''" if self._place.bare else name,
                name,
                "required" if name in required else "",
                len(name) + (2 if self._place.bare else 0),
            )
            for name in names
        ]
        return self._completion(items, f"attributes of {node.name}")

    def values(self) -> Completion | None:
        """The values of an attribute: what the host knows of them, else what the schema lists."""
        node, name = self._place.chain[-1], self._place.attribute
        words: tuple[str, ...] = ()
        if self._grammar is not None:
            whole = self._content(sealed=False)
            left = _taken(whole, node, name)
            words = p.values_of(left, name) or p.values_of(whole, name)
        return self._chosen(words, name, f"{node.name} {name}")

    def texts(self) -> Completion | None:
        """What the text of an element is chosen from."""
        words: tuple[str, ...] = ()
        if self._place.chain[-1].children:
            return None
        if self._grammar is not None:
            words = p.words_of(self._content(sealed=True))
        return self._chosen(words, "", self._place.chain[-1].name)

    def _chosen(self, words: tuple[str, ...], name: str, what: str) -> Completion | None:
        known = self._lookup.of(self._place.chain, name) if self._lookup is not None else None
        if self._lookup is None or known is None or not known.values:
            return self._completion([self._value(word, "") for word in words], f"values of {what}")
        items = [self._value(one.name, one.note) for one in known.values]
        if not known.only:
            names = {one.name for one in known.values}
            items += [self._value(word, "") for word in words if word not in names]
        return self._completion(items, self._lookup.told(known, what))

    def _value(self, value: str, note: str) -> CompletionItem:
        before = self._place.text[self._place.start - 1 : self._place.start]
        spelled = escaped(value, before if before in "'\"" else "")
        return CompletionItem(spelled, value, note, len(spelled))

    def _completion(self, items: Sequence[CompletionItem], title: str) -> Completion | None:
        """Only what goes on with the word that stands there, those that begin with it first."""
        word = self._place.word.lower()
        begin = [item for item in items if item.label.lower().removeprefix("</").startswith(word)]
        cursor = [item for item in items if word in item.label.lower() and item not in begin]
        if not begin and not cursor:
            return None
        return Completion(self._place.start, self._place.end, (*begin, *cursor), title)

    def _content(self, *, sealed: bool) -> Pattern:
        """What may stand in the last element of the chain, by all that leads to it.

        ``sealed`` also takes the attributes of that element itself into account.
        """
        left = self._grammar.top if self._grammar is not None else p.NOTHING
        for number, node in enumerate(self._place.chain, 1):
            if is_foreign(node):
                return p.NOTHING
            left = p.choice(*(definition.content for definition in p.elements(left, node.name)))
            if sealed or number < len(self._place.chain):
                left = p.sealed(_taken(left, node, ""), forgiving=True)
        return left


def _taken(whole: Pattern, node: Node, typed: str) -> Pattern:
    """What is left behind the attributes of an element; those at fault are passed over."""
    left = whole
    for attribute in own_attributes(node):
        if attribute.name == typed:
            continue
        rest = p.without_attribute(left, attribute.name, attribute.value)
        if rest is p.NOTHING:
            rest = p.without_attribute(left, attribute.name, None)
        left = rest if rest is not p.NOTHING else left
    return left
