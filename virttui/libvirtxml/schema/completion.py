"""Completions at a position in a definition: names, values, the tag to close.

The text is being typed, so it is not well-formed. The elements that lead to the cursor are read
from the text before it; siblings after the cursor from a tree without the tag that is being typed.
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
from virttui.libvirtxml.schema.size_limits import is_walkable
from virttui.libvirtxml.text.tokenizer import Part
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import escaped
from virttui.model.diagnostics import Completion, CompletionItem
from virttui.model.documents import HostValues
from virttui.model.identity import Kind


def complete(text: str, offset: int, kind: Kind, knowledge: HostValues | None) -> Completion | None:
    """Return the completions at ``offset``; None where there are none.

    Only completions that continue the word before the cursor are offered. Without schemas the tag
    to close and the host's values still are.
    """
    if not is_walkable(text) or not 0 <= offset <= len(text):
        return None
    place = context_at(text, offset)
    if place is None:
        return None
    found = schema(kind)
    adviser = _CompletionFinder(
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


class _CompletionFinder:
    """Finds the completions for one cursor position."""

    def __init__(
        self, place: CursorContext, grammar: Grammar | None, lookup: HostValueLookup | None
    ) -> None:
        self._place = place
        self._grammar = grammar
        self._lookup = lookup

    def closing(self) -> Completion | None:
        """Return the end tag of the innermost open element."""
        if not self._place.chain:
            return None
        name = self._place.chain[-1].name
        closed = "" if self._place.text.startswith(">", self._place.end) else ">"
        text = name + closed
        return self._completion(
            [CompletionItem(text, f"</{name}>", "", len(text))], "closes what is open"
        )

    def elements(self) -> Completion | None:
        """Return the children that the innermost open element may have here."""
        if self._grammar is None:
            return None
        chain = self._place.chain
        content = self._content(sealed=True)
        remaining = content
        for child in own_children(chain[-1]) if chain else ():
            rest = p.after_child(remaining, child.name)
            remaining = rest if rest is not p.NOTHING else remaining
        allowed = [
            name
            for name in remaining.children
            if name != p.ANY and self._leaves_room(remaining, name)
        ]
        required = [name for name in p.required(remaining)[1] if name in allowed]
        # What has a word of help is what people look for; the rest as the schema lists it.
        others = [name for name in allowed if name not in required]
        others.sort(key=lambda name: not element_note(name))
        names = [*required, *others]
        items = [
            self._element(name, p.elements(remaining, name), required=name in required)
            for name in names
        ]
        return self._completion(items, f"elements in {chain[-1].name}" if chain else "documents")

    def _leaves_room(self, left: Pattern, name: str) -> bool:
        """True if the siblings after the cursor may still follow an element called ``name``."""
        rest = p.after_child(left, name)
        for following in self._place.following:
            without, left = rest, p.after_child(left, following)
            rest = p.after_child(without, following)
            if rest is p.NOTHING:
                # One that could not follow anyway says nothing.
                return left is p.NOTHING
        return rest is not p.NOTHING

    def _element(
        self, name: str, definitions: Sequence[Element], *, required: bool
    ) -> CompletionItem:
        """Return an element as it is inserted: with its required attributes, and its end."""
        note = element_note(name) or ("required" if required else "")
        if not self._place.is_incomplete:
            return CompletionItem(name, name, note, len(name))
        content = p.choice(*(definition.content for definition in definitions))
        attributes = "".join(f" {attribute}=''" for attribute in p.required(content)[0])
        inside = p.after_attributes(content, forgiving=True)
        empty = inside is p.EMPTY
        text = f"{name}{attributes}/>" if empty else f"{name}{attributes}></{name}>"
        cursor = text.index("'") + 1 if attributes else text.index("/>" if empty else "</")
        return CompletionItem(text, name, note, cursor)

    def attributes(self) -> Completion | None:
        """Return the attributes that the tag may still have."""
        if self._grammar is None:
            return None
        node = self._place.chain[-1]
        typed = self._place.text[self._place.start : self._place.end]
        remaining = _after_attributes(self._content(sealed=False), node, typed)
        present = {one.name for one in node.attributes if one.name != typed}
        required = [name for name in p.required(remaining)[0] if name not in present]
        names = [
            *required,
            *(one for one in remaining.attributes if one not in {*required, *present}),
        ]
        items = [
            CompletionItem(
                f"{name}=''" if self._place.is_incomplete else name,
                name,
                "required" if name in required else "",
                len(name) + (2 if self._place.is_incomplete else 0),
            )
            for name in names
        ]
        return self._completion(items, f"attributes of {node.name}")

    def values(self) -> Completion | None:
        """Return the values of an attribute: the host's, else those of the schema."""
        node, name = self._place.chain[-1], self._place.attribute
        words: tuple[str, ...] = ()
        if self._grammar is not None:
            whole = self._content(sealed=False)
            left = _after_attributes(whole, node, name)
            words = p.attribute_words(left, name) or p.attribute_words(whole, name)
        return self._value_completion(words, name, f"{node.name} {name}")

    def texts(self) -> Completion | None:
        """Return the words that the text of an element is chosen from."""
        words: tuple[str, ...] = ()
        if self._place.chain[-1].children:
            return None
        if self._grammar is not None:
            words = p.text_words(self._content(sealed=True))
        return self._value_completion(words, "", self._place.chain[-1].name)

    def _value_completion(self, words: tuple[str, ...], name: str, what: str) -> Completion | None:
        known = (
            self._lookup.allowed_values(self._place.chain, name)
            if self._lookup is not None
            else None
        )
        if self._lookup is None or known is None or not known.values:
            return self._completion([self._value(word, "") for word in words], f"values of {what}")
        items = [self._value(one.name, one.note) for one in known.values]
        if not known.only:
            names = {one.name for one in known.values}
            items += [self._value(word, "") for word in words if word not in names]
        return self._completion(items, self._lookup.describe(known, what))

    def _value(self, value: str, note: str) -> CompletionItem:
        before = self._place.text[self._place.start - 1 : self._place.start]
        spelled = escaped(value, before if before in "'\"" else "")
        return CompletionItem(spelled, value, note, len(spelled))

    def _completion(self, items: Sequence[CompletionItem], title: str) -> Completion | None:
        """Return the items that contain the word before the cursor, those that begin with it
        first."""
        word = self._place.word.lower()
        begin = [item for item in items if item.label.lower().removeprefix("</").startswith(word)]
        cursor = [item for item in items if word in item.label.lower() and item not in begin]
        if not begin and not cursor:
            return None
        return Completion(self._place.start, self._place.end, (*begin, *cursor), title)

    def _content(self, *, sealed: bool) -> Pattern:
        """Return the pattern for the content of the last element of the chain.

        ``sealed`` also takes the attributes of that element itself into account.
        """
        left = self._grammar.top if self._grammar is not None else p.NOTHING
        for number, node in enumerate(self._place.chain, 1):
            if is_foreign(node):
                return p.NOTHING
            left = p.choice(*(definition.content for definition in p.elements(left, node.name)))
            if sealed or number < len(self._place.chain):
                left = p.after_attributes(_after_attributes(left, node, ""), forgiving=True)
        return left


def _after_attributes(content: Pattern, node: Node, skipped: str) -> Pattern:
    """Return the pattern that remains after an element's attributes; wrong ones are skipped."""
    remaining = content
    for attribute in own_attributes(node):
        if attribute.name == skipped:
            continue
        rest = p.without_attribute(remaining, attribute.name, attribute.value)
        if rest is p.NOTHING:
            rest = p.without_attribute(remaining, attribute.name, None)
        remaining = rest if rest is not p.NOTHING else remaining
    return remaining
