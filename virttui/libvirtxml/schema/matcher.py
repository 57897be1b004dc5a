"""Matching a tree against a grammar, with a message for each mismatch.

Two questions are asked. *Does it match?* is exact: an element matches a definition when its
attributes and children can be taken from the definition's pattern one by one, and the rest may be
empty. *Why not?* is asked of elements that match none of their possible definitions: the same is
done again, and everything that cannot be taken is reported and skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from virttui.libvirtxml.schema import pattern as p
from virttui.libvirtxml.schema.grammar import Grammar
from virttui.libvirtxml.schema.messages import (
    closest,
    did_you_mean,
    join_words,
    quoted,
    value_message,
)
from virttui.libvirtxml.schema.pattern import Element, Pattern
from virttui.libvirtxml.schema.size_limits import MAX_PROBLEMS
from virttui.libvirtxml.text.tree import Attribute, Tree, unescaped
from virttui.libvirtxml.text.tree import Element as Node

_DECISIVE = ("type", "mode", "device", "model")
"""Attributes that decide about others, so they are matched first."""
_MAX_PARENTS = 4
"""A message names at most so many possible parents of a misplaced element."""
_MAX_DEPTH = 100
"""Definitions nest in themselves (backing stores do); deeper ones are left to libxml2."""


class Mismatch(Struct, frozen=True):
    """A mismatch, with its span in the text and its element."""

    start: int
    end: int
    words: str
    node: Node
    fix: str = ""


def mismatches(tree: Tree, root: Node, grammar: Grammar) -> list[Mismatch]:
    """Return everything in ``root`` that the grammar does not allow, in no particular order."""
    if is_foreign(root):
        return []
    definitions = p.elements(grammar.top, root.name)
    if not definitions:
        names = join_words(grammar.top.children, last="or")
        place = root.start + 1
        words = (
            f"{quoted(root.name)} is not a definition of this kind: it begins with {quoted(names)}"
        )
        return [Mismatch(place, place + len(root.name), words, root)]
    matcher = _Matcher(tree, grammar)
    if not any(matcher.fits(root, definition) for definition in definitions):
        matcher.explain(root, definitions)
    return matcher.mismatches


def is_foreign(node: Node) -> bool:
    """True if an element belongs to another namespace: libvirt ignores some of them."""
    return ":" in node.name or bool(node.get("xmlns"))


def own_attributes(node: Node) -> list[Attribute]:
    """Return the attributes without a namespace, the decisive ones first."""
    own = [one for one in node.attributes if ":" not in one.name and one.name != "xmlns"]
    rank = {name: place for place, name in enumerate(_DECISIVE)}
    return sorted(own, key=lambda one: rank.get(one.name, len(rank)))


def own_children(node: Node) -> list[Node]:
    """Return the children without a namespace."""
    return [child for child in node.children if not is_foreign(child)]


def text_span(tree: Tree, node: Node) -> tuple[int, int]:
    """Return the span of an element's first text, without blanks around it; else of its start
    tag."""
    for start, end in node.texts:
        text = tree.text[start:end]
        if text.strip():
            return start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    return node.start, node.open_end


def _decisive_attribute(node: Node) -> Attribute | None:
    """Return the attribute of an element that decides most about its other parts."""
    return next((one for one in own_attributes(node) if one.name in _DECISIVE), None)


class _Matcher:
    """Matches one tree, and collects its mismatches."""

    def __init__(self, tree: Tree, grammar: Grammar) -> None:
        self._tree = tree
        self._grammar = grammar
        self._fitting: dict[tuple[Node, Element], bool] = {}
        # What each element at fault may be, before its attributes narrow it.
        self._wholes: dict[Node, Pattern] = {}
        self.mismatches: list[Mismatch] = []

    @property
    def _full(self) -> bool:
        """True if the limit of mismatches is reached."""
        return len(self.mismatches) >= MAX_PROBLEMS

    def fits(self, node: Node, definition: Element, depth: int = 0) -> bool:
        """True if an element matches a definition."""
        if definition.name == p.ANY or depth > _MAX_DEPTH:
            return True
        known = self._fitting.get((node, definition))
        if known is None:
            known = self._fitting[node, definition] = self._matches(node, definition, depth)
        return known

    def _matches(self, node: Node, definition: Element, depth: int) -> bool:
        left = definition.content
        for attribute in own_attributes(node):
            left = p.without_attribute(left, attribute.name, attribute.value)
        left = p.after_attributes(left)
        for child in own_children(node):
            if left is p.NOTHING:
                return False
            left = p.choice(*(
                rest
                for one, rest in p.next_elements(left, child.name)
                if self.fits(child, one, depth + 1)
            ))  # fmt: skip
        return left is not p.NOTHING and self._may_end(node, left)

    def _may_end(self, node: Node, left: Pattern) -> bool:
        """True if the rest of the pattern matches the text of an element, or nothing."""
        if not node.closed:
            return True
        text = self._text(node)
        if not text.strip() and left.nullable:
            return True
        return not own_children(node) and p.matches(left, text)

    def _text(self, node: Node) -> str:
        return "".join(unescaped(self._tree.text[start:end]) for start, end in node.texts)

    def explain(self, node: Node, definitions: Sequence[Element]) -> None:
        """Report why an element matches none of ``definitions``."""
        if self._full:
            return
        whole = p.choice(*(definition.content for definition in definitions))
        self._wholes[node] = whole
        left = self._explain_attributes(node, whole)
        left = self._explain_children(node, p.after_attributes(whole, forgiving=True), left)
        if not self._may_end(node, left):
            self._explain_end(node, left)

    def _explain_attributes(self, node: Node, whole: Pattern) -> Pattern:
        left = whole
        accepted: list[Attribute] = []
        for attribute in own_attributes(node):
            rest = p.without_attribute(left, attribute.name, attribute.value)
            if rest is p.NOTHING:
                if self._full:
                    break
                name = self._wrong_attribute(node, whole, left, attribute, accepted)
                # As if it were right, so that its place is not missed as well.
                rest = p.without_attribute(left, name, None)
                rest = left if rest is p.NOTHING else rest
            else:
                accepted.append(attribute)
            left = rest
        strict = p.after_attributes(left)
        if strict is not p.NOTHING:
            return strict
        self._missing_attributes(node, left)
        return p.after_attributes(left, forgiving=True)

    def _wrong_attribute(
        self,
        node: Node,
        whole: Pattern,
        left: Pattern,
        attribute: Attribute,
        accepted: Sequence[Attribute],
    ) -> str:
        """Report a wrong attribute; return the name that was most likely meant."""
        name, value = attribute.name, attribute.value
        name_span = attribute.start, attribute.start + len(name)
        if name not in whole.attributes:
            present = {one.name for one in node.attributes}
            fix = closest(name, [one for one in whole.attributes if one not in present])
            words = f"{node.name} has no attribute {quoted(name)}{self._elsewhere(node, name)}"
            self._add(node, *name_span, f"{words}.{did_you_mean(fix)}" if fix else words, fix)
            return fix or name
        value_span = attribute.value_start, attribute.value_end
        what = f"{node.name} {name}"
        if p.without_attribute(whole, name, value) is p.NOTHING:
            self._add(
                node, *value_span, *value_message(what, value, [*p.value_patterns(whole, name)])
            )
            return name
        with_it = _conflicting_attribute(whole, accepted, attribute)
        if name not in left.attributes:
            self._add(node, *name_span, f"{node.name} has no attribute {quoted(name)}{with_it}")
            return name
        message = value_message(what, value, [*p.value_patterns(left, name)], with_it)
        self._add(node, *value_span, *message)
        return name

    def _elsewhere(self, node: Node, name: str) -> str:
        """Return the reason why the parent excludes an attribute: `` in a disk with
        type="file"``, else ""."""
        parent = node.parent
        whole = self._wholes.get(parent) if parent is not None else None
        if parent is None or whole is None or not _allows_attribute(whole, node.name, name):
            return ""
        for one in own_attributes(parent):
            with_it = p.without_attribute(whole, one.name, one.value)
            if with_it is not p.NOTHING and not _allows_attribute(with_it, node.name, name):
                return f' in a {parent.name} with {one.name}="{one.value}"'
        return ""

    def _missing_attributes(self, node: Node, left: Pattern) -> None:
        names = p.required(left)[0]
        if names:
            needs = join_words([quoted(name) for name in names], shown=6)
        else:
            needs = join_words([quoted(name) for name in left.attributes], shown=6, last="or")
        words = f"{node.name} needs the attribute {needs}"
        self._add(node, node.start + 1, node.start + 1 + len(node.name), words)

    def _explain_children(self, node: Node, whole: Pattern, left: Pattern) -> Pattern:
        """Report wrong children. ``whole`` is their pattern for any attributes, ``left`` for the
        present ones."""
        before: list[tuple[Node, Pattern]] = []
        for child in own_children(node):
            before.append((child, left))
            could = p.next_elements(left, child.name)
            fitting = [rest for one, rest in could if self.fits(child, one)]
            if fitting:
                left = p.choice(*fitting)
            elif self._full:
                break
            elif could:
                self.explain(child, [one for one, _ in could])
                left = p.choice(*(rest for _, rest in could))
            else:
                left = self._explain_unexpected(node, whole, before)
        return left

    def _explain_unexpected(
        self, node: Node, whole: Pattern, before: list[tuple[Node, Pattern]]
    ) -> Pattern:
        """Report why the last child is not allowed; return the rest of the pattern."""
        child, left = before[-1]
        present = {one.name for one in own_children(node)}
        if child.name in whole.children:
            missing = next(
                (one for one in _possible_between(left, child.name) if one not in present), ""
            )
            if missing:
                words = f"{quoted(child.name)} must come after {quoted(missing)}"
                self._add_for_element(child, f"{words}, which is missing")
                return p.after_child(p.after_child(left, missing), child.name)
            self._add_for_element(child, self._misplaced_message(node, child, before))
            return left
        fix = closest(child.name, whole.children)
        parents = self._grammar.parents.get(child.name, ())
        words = f"{node.name} has no element {quoted(child.name)}"
        # What has one home elsewhere is no slip of the fingers, but at the wrong place.
        if fix and len(parents) != 1:
            self._add_for_element(child, f"{words}.{did_you_mean(fix)}", fix)
            # As if it were right, so that it is not missed as well.
            rest = p.after_child(left, fix)
            return left if rest is p.NOTHING or fix in present else rest
        if 0 < len(parents) <= _MAX_PARENTS:
            self._add_for_element(
                child,
                f"{words}. It belongs in {join_words(parents, shown=_MAX_PARENTS, last='or')}",
            )
        else:
            self._add_for_element(child, words)
        return left

    def _misplaced_message(
        self, node: Node, child: Node, before: list[tuple[Node, Pattern]]
    ) -> str:
        """Return the reason why an element that this parent knows is not allowed at this place."""
        name = child.name
        blamed = next(
            (
                (other, then)
                for (other, then), (_, after) in pairwise(before)
                if name in then.children and name not in after.children
            ),
            None,
        )
        if blamed is not None:
            other, then = blamed
            line = self._tree.text.count("\n", 0, other.start) + 1
            if other.name == name:
                return f"{node.name} takes one {quoted(name)}, and line {line} has it"
            if p.after_child(p.after_child(then, name), other.name) is not p.NOTHING:
                return f"{quoted(name)} must come before {quoted(other.name)} of line {line}"
            return f"{quoted(name)} does not go with {quoted(other.name)} of line {line}"
        start, left = before[0][1], before[-1][1]
        if name in start.children:
            first = next(iter(_possible_between(left, name)), "")
            if first:
                return f"{quoted(name)} must come after {quoted(first)}"
            return f"{quoted(name)} is not allowed at this place of {node.name}"
        decided = _decisive_attribute(node)
        if decided is None:
            return f"{quoted(name)} is not allowed in this {node.name}"
        return f'{node.name} with {decided.name}="{decided.value}" has no element {quoted(name)}'

    def _explain_end(self, node: Node, left: Pattern) -> None:
        """Report missing children, or a wrong text."""
        text = self._text(node)
        spoken = any(isinstance(one, (p.Text, p.Value, p.Data)) for one in p.leaves(left))
        if not spoken:
            if text.strip():
                words = f"{node.name} has no text, but {quoted(text)} is there"
                self._add(node, *text_span(self._tree, node), words)
            if not left.nullable:
                names = p.required(left)[1]
                next_ones = [name for name in left.children if p.next_elements(left, name)]
                names_text = join_words([quoted(name) for name in names or next_ones], shown=6)
                self._add_for_element(
                    node, f"{node.name} needs {'' if names else 'one of '}{names_text}"
                )
        elif not own_children(node):
            words, fix = value_message(node.name, text, [left])
            if text.strip():
                self._add(node, *text_span(self._tree, node), words, fix)
            else:
                self._add_for_element(node, words)

    def _add_for_element(self, node: Node, words: str, fix: str = "") -> None:
        """Report a mismatch of a whole element: its name is marked."""
        self._add(node, node.start + 1, node.start + 1 + len(node.name), words, fix)

    def _add(self, node: Node, start: int, end: int, words: str, fix: str = "") -> None:
        self.mismatches.append(Mismatch(start, end, words, node, fix))


def _allows_attribute(whole: Pattern, child: str, attribute: str) -> bool:
    """True if any child of that name may have the attribute."""
    return any(attribute in one.content.attributes for one in p.elements(whole, child))


def _possible_between(left: Pattern, name: str) -> list[str]:
    """Return the children that may come next, and that may be followed by one called ``name``."""
    return [
        first
        for first in left.children
        if p.after_child(p.after_child(left, first), name) is not p.NOTHING and first != name
    ]


def _conflicting_attribute(
    whole: Pattern, accepted: Sequence[Attribute], attribute: Attribute
) -> str:
    """Return the earlier attribute that excludes another: `` with type="file"``."""
    for one in accepted:
        alone = p.without_attribute(whole, one.name, one.value)
        if p.without_attribute(alone, attribute.name, attribute.value) is p.NOTHING:
            return f' with {one.name}="{one.value}"'
    return " here"
