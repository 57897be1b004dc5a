"""The context of the cursor in a text that is being typed."""

from __future__ import annotations

import re

from msgspec import Struct

from virttui.libvirtxml.text.tokenizer import Part, Token, scan
from virttui.libvirtxml.text.tree import Element as Node
from virttui.libvirtxml.text.tree import tree

_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_ASIDE = re.compile("|".join(map(re.escape, _ENDS)))


class CursorContext(Struct, frozen=True):
    """The part that is being typed: an element's name, an end tag's, an attribute's, its value, or
    text.

    Those are the parts OPEN, CLOSE_OPEN, ATTRIBUTE, VALUE and TEXT. ``word`` is the text of it
    before the cursor, ``start`` to ``end`` the text that a completion replaces. ``chain`` holds the
    open elements, the root first; for an attribute its own is the last. ``attribute`` is the name
    of the attribute whose value is typed, ``following`` names the siblings after a new element.
    ``is_incomplete``: the rest that belongs to the name (the end of a tag, a value) is missing.
    """

    text: str
    part: Part
    start: int
    end: int
    word: str
    chain: list[Node]
    attribute: str = ""
    following: tuple[str, ...] = ()
    is_incomplete: bool = True


def context_at(text: str, offset: int) -> CursorContext | None:
    """Return the context at ``offset``; None in comments and the like, and before the root."""
    start_of_tag = text.rfind("<", 0, offset)
    if start_of_tag < 0 or _is_in_comment(text, offset):
        return None
    # Only what leads to the cursor is read token by token: the tag before it, or around it.
    tokens: list[Token] = []
    for token, _ in scan(text, start=start_of_tag):
        if token.start >= offset:
            break
        tokens.append(token)
    in_tag = tokens[0].part in (Part.OPEN, Part.CLOSE_OPEN)
    if in_tag and not any(token.part in (Part.END, Part.EMPTY_END) for token in tokens):
        return _in_tag(text, offset, tokens)
    return _in_text(text, offset, tokens[-1])


def _is_in_comment(text: str, offset: int) -> bool:
    """True if ``offset`` is in a comment, a CDATA section or an instruction."""
    place = 0
    while match := _ASIDE.search(text, place, offset):
        end = text.find(_ENDS[match[0]], match.end())
        place = end + len(_ENDS[match[0]])
        if end < 0 or place > offset:
            return True
    return False


def _in_text(text: str, offset: int, last: Token) -> CursorContext | None:
    if last.part not in (Part.TEXT, Part.END, Part.EMPTY_END):
        return None
    chain = _open_elements(text[:offset])
    if not chain:
        return None
    start = last.start if last.part is Part.TEXT else offset
    start += len(text[start:offset]) - len(text[start:offset].lstrip())
    end = text.find("<", offset)
    end = len(text) if end < 0 else end
    end -= len(text[offset:end]) - len(text[offset:end].rstrip())
    return CursorContext(text, Part.TEXT, start, max(end, start), text[start:offset].strip(), chain)


def _in_tag(text: str, offset: int, tokens: list[Token]) -> CursorContext | None:
    first, last = tokens[0], tokens[-1]
    if last.part in (Part.OPEN, Part.CLOSE_OPEN, Part.NAME):
        chain = _open_elements(text[: first.start])
        start, end = first.end, _word_end(text, offset)
        if first.part is Part.CLOSE_OPEN:
            return CursorContext(text, Part.CLOSE_OPEN, start, end, text[start:offset], chain)
        rest = text[end : _line_end(text, end)].lstrip(" \t")
        return CursorContext(
            text, Part.OPEN, start, end, text[start:offset], chain,
            following=_following_siblings(text, end),
            is_incomplete=not rest or rest.startswith("<"),
        )  # fmt: skip
    if first.part is Part.CLOSE_OPEN:
        return None
    chain = _open_elements(text[: first.start])
    # The attributes behind the cursor count too, so the tag is read to its end.
    node = tree(text[first.start : _tag_end(text, offset)]).root
    if node is None:
        return None
    chain.append(node)
    if last.part is Part.VALUE:
        return _in_value(text, offset, tokens, chain)
    if last.part is Part.ATTRIBUTE:
        end = _word_end(text, offset)
        is_incomplete = not text[end:].lstrip().startswith("=")
        word = text[last.start : offset]
        return CursorContext(
            text, Part.ATTRIBUTE, last.start, end, word, chain, is_incomplete=is_incomplete
        )
    if last.part is Part.BLANK and (len(tokens) < 2 or tokens[-2].part is not Part.EQUALS):
        return CursorContext(text, Part.ATTRIBUTE, offset, offset, "", chain)
    return None


def _in_value(
    text: str, offset: int, tokens: list[Token], chain: list[Node]
) -> CursorContext | None:
    value = tokens[-1]
    name = next((one for one in reversed(tokens) if one.part is Part.ATTRIBUTE), None)
    quote, start = text[value.start], value.start + 1
    over = offset >= value.end and value.end > start and text[value.end - 1] == quote
    if name is None or over:
        return None
    # An open quote takes the rest of the text: then only the line is meant.
    ends = [at for at in (text.find(sign, offset) for sign in (quote, "<", "\n")) if at >= 0]
    end = min(ends, default=len(text))
    spelled = text[name.start : name.end]
    return CursorContext(text, Part.VALUE, start, end, text[start:offset], chain, attribute=spelled)


def _open_elements(text: str) -> list[Node]:
    """Return the elements that are open at the end of a text, the root first."""
    chain: list[Node] = []
    node = tree(text).top
    while node.children and not node.children[-1].closed:
        node = node.children[-1]
        chain.append(node)
    return chain


def _following_siblings(text: str, end: int) -> tuple[str, ...]:
    """Return the siblings after a tag that is being typed: all before an unmatched end tag."""
    rest = tree(text[end:])
    parent_ends = rest.stray_end_tags[0][0] if rest.stray_end_tags else len(text)
    return tuple(child.name for child in rest.top.children if child.start < parent_ends)


def _word_end(text: str, offset: int) -> int:
    while offset < len(text) and (text[offset].isalnum() or text[offset] in "_-.:"):
        offset += 1
    return offset


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _tag_end(text: str, offset: int) -> int:
    """Return the end of the tag around ``offset``: after its ``>``, or before text that cannot
    be in it."""
    ends = [at for at in (text.find(">", offset), text.find("<", offset)) if at >= 0]
    if not ends:
        return len(text)
    return min(ends) + (text[min(ends)] == ">")
