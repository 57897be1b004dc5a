"""The first syntax fault of a text that is not XML, with a plain message and its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree
from msgspec import Struct

from virttui.libvirtxml.parse import TEXT_PARSER
from virttui.libvirtxml.schema.messages import closest, did_you_mean, quoted
from virttui.libvirtxml.schema.size_limits import is_walkable
from virttui.libvirtxml.text.tokenizer import Part, Token, scan

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARED = re.compile(r"<\?xml\s[^?]*encoding\s*=\s*['\"]([^'\"]*)['\"]")
_ENTITY = re.compile(r"&(?:(?:lt|gt|amp|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);)?")
_NAME = re.compile(r"[^\W\d][\w.\-]*(:[^\W\d][\w.\-]*)?")
_MAX_REASON = 120
_BARE_LESS_THAN = "a bare < is not allowed: write &lt;"
_ENTITIES = "write &amp; for &"


class SyntaxFault(Struct, frozen=True):
    """The place where a text stops being XML. Its first ``valid_length`` characters can be read."""

    start: int
    end: int
    words: str
    valid_length: int
    fix: str = ""


def parse_root(text: str) -> etree._Element | SyntaxFault:
    """Return the root element of a text, or its first syntax fault.

    A document type is a fault: no definition of libvirt has one, and attacks by entities need one.
    """
    found = _forbidden(text)
    if found is not None:
        return found
    try:
        return etree.fromstring(text.encode(), TEXT_PARSER)
    except etree.XMLSyntaxError as error:
        too_deep = "Excessive depth" in (error.msg or "")
        return (
            None if too_deep or not is_walkable(text) else _first_fault(text)
        ) or _libxml2_fault(text, error)


def _forbidden(text: str) -> SyntaxFault | None:
    """Return a fault that is refused before any parser sees the text."""
    control = _CONTROL.search(text)
    if control is not None:
        sign = ord(control[0])
        kind = "half a character" if 0xD800 <= sign <= 0xDFFF else "a control character"
        words = f"{kind} (U+{sign:04X}) is not allowed in XML"
        return _fault_at(text, control.start(), control.end(), words)
    declared = _DECLARED.match(text)
    if declared is not None and declared[1].upper() not in ("UTF-8", "UTF8", "US-ASCII", "ASCII"):
        words = (
            f"the encoding is said to be {quoted(declared[1])}, but a definition is always UTF-8"
        )
        return _fault_at(text, declared.start(1), declared.end(1), words, "UTF-8")
    if "<!DOCTYPE" in text or "<!doctype" in text:
        for token, _ in scan(text):
            if token.part is Part.DOCTYPE:
                words = "a document type is not allowed in a definition"
                return _fault_at(text, token.start, min(token.end, token.start + 9), words)
    return None


def _fault_at(text: str, start: int, end: int, words: str, fix: str = "") -> SyntaxFault:
    # What can be read ends before the tag that the fault is in or behind.
    valid_length = text.rfind("<", 0, start + 1)
    return SyntaxFault(start, min(end, len(text)), words, max(valid_length, 0), fix)


def _libxml2_fault(text: str, error: etree.XMLSyntaxError) -> SyntaxFault:
    """Return libxml2's own message, where no better one is known."""
    line, column = error.position
    start = 0
    for _ in range(line - 1):
        following = text.find("\n", start) + 1
        start = following or start
    place = min(start + max(column - 2, 0), max(len(text) - 1, 0))
    reason = (error.msg or "").partition(", line ")[0]
    too_deep = "Excessive depth" in reason
    words = (
        "elements are nested too deep" if too_deep else f"this is not XML: {reason[:_MAX_REASON]}"
    )
    return SyntaxFault(
        place, place + 1, words, 0 if too_deep else max(text.rfind("<", 0, place), 0)
    )


def _first_fault(text: str) -> SyntaxFault | None:
    finder = _FaultFinder(text)
    for token, _ in scan(text):
        found = finder.check(token)
        if found is not None:
            return found
    return finder.end()


class _FaultFinder:
    """Checks tokens one by one until one is at fault."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._open: list[tuple[str, int]] = []
        self._rooted = False
        # Of the tag that is being read: where it starts, its name, its attributes, what came last.
        self._tag = 0
        self._closing = False
        self._name = ""
        self._given: set[str] = set()
        self._last: Token | None = None
        self._attribute: Token | None = None

    def check(self, token: Token) -> SyntaxFault | None:
        """Return the fault that this token reveals, if any."""
        last, self._last = self._last, token
        spelled = self._text[token.start : token.end]
        in_tag_start = last is not None and last.part in (Part.OPEN, Part.CLOSE_OPEN)
        if in_tag_start and token.part is not Part.NAME:
            return _fault_at(self._text, self._tag, self._tag + 1, _BARE_LESS_THAN, "&lt;")
        if token.part is Part.ATTRIBUTE and last is not None and last.part is Part.VALUE:
            return self._at(token, f"a blank is missing before {quoted(spelled)}")
        handler = _HANDLERS.get(token.part)
        return handler(self, token, spelled) if handler is not None else None

    def end(self) -> SyntaxFault | None:
        """Return the fault that the end of the text reveals."""
        if self._last is not None and self._last.part in (Part.OPEN, Part.CLOSE_OPEN):
            return SyntaxFault(self._tag, self._tag + 1, _BARE_LESS_THAN, self._tag, "&lt;")
        if self._name:
            return self._unfinished()
        if self._open:
            name, start = self._open[-1]
            words = f"<{name}> is never closed"
            return SyntaxFault(start, start + 1 + len(name), words, len(self._text))
        if not self._rooted:
            return SyntaxFault(0, 0, "there is no element in this text", 0)
        return None

    def _begin(self, token: Token, spelled: str) -> SyntaxFault | None:
        if self._name:
            return self._unfinished()
        self._tag, self._closing = token.start, spelled == "</"
        self._given = set()
        return None

    def _unfinished(self) -> SyntaxFault:
        """Return the fault of a tag without an end."""
        start = self._tag + 2 if self._closing else self._tag + 1
        words = f"the tag of {quoted(self._name)} is not ended by >"
        return SyntaxFault(start, start + len(self._name), words, self._tag)

    def _check_name(self, token: Token, spelled: str) -> SyntaxFault | None:
        self._name = spelled
        return None if _NAME.fullmatch(spelled) else self._bad_name(token, spelled)

    def _equals(self, token: Token, spelled: str) -> SyntaxFault | None:
        return None if self._attribute else self._at(token, "= follows no attribute")

    def _not_allowed(self, token: Token, spelled: str) -> SyntaxFault | None:
        return self._at(token, f"{quoted(spelled)} is not allowed inside a tag")

    def _in_text(self, token: Token, spelled: str) -> SyntaxFault | None:
        if not self._open and spelled.strip("\ufeff \t\r\n"):
            start = token.start + len(spelled) - len(spelled.lstrip())
            return _fault_at(
                self._text, start, token.end, "there is text outside of the root element"
            )
        found = self._entity(token.start, spelled)
        if found is None and "]]>" in spelled:
            place = token.start + spelled.index("]]>")
            return _fault_at(
                self._text, place, place + 3, "]]> is not allowed in text: write ]]&gt;"
            )
        return found

    def _entity(self, start: int, spelled: str) -> SyntaxFault | None:
        for found in _ENTITY.finditer(spelled):
            if found[0] == "&":
                place = start + found.start()
                name = re.match(r"&\w+;", spelled[found.start() :])
                what = f"the entity {name[0]} is not known" if name else "a bare & is not allowed"
                return _fault_at(self._text, place, place + 1, f"{what}: {_ENTITIES}", "&amp;")
        return None

    def _bad_name(self, token: Token, spelled: str) -> SyntaxFault:
        return self._at(token, f"{quoted(spelled)} cannot be a name")

    def _begin_attribute(self, token: Token, spelled: str) -> SyntaxFault | None:
        if self._attribute is not None:
            return self._without_value(token)
        if not _NAME.fullmatch(spelled):
            return self._bad_name(token, spelled)
        if self._closing:
            return self._at(token, f"</{self._name}> closes an element: it has no attributes")
        if spelled in self._given:
            return self._at(token, f"{self._name} has the attribute {quoted(spelled)} twice")
        self._given.add(spelled)
        self._attribute = token
        return None

    def _without_value(self, token: Token) -> SyntaxFault:
        assert self._attribute is not None, "only asked behind an attribute"
        name = self._text[self._attribute.start : self._attribute.end]
        between = self._text[self._attribute.end : token.start]
        if between.strip() == "=":
            words = f"the value of {quoted(name)} must be in quotes"
            spelled = self._text[token.start : token.end]
            return _fault_at(self._text, token.start, token.end, words, f"'{spelled}'")
        return self._at(self._attribute, f"the attribute {quoted(name)} has no value")

    def _value(self, token: Token, spelled: str) -> SyntaxFault | None:
        attribute, self._attribute = self._attribute, None
        if attribute is None:
            return self._at(token, f"the value {quoted(spelled)} belongs to no attribute")
        name = self._text[attribute.start : attribute.end]
        if "=" not in self._text[attribute.end : token.start]:
            return self._at(token, f"= is missing between {quoted(name)} and its value")
        if len(spelled) < 2 or spelled[-1] != spelled[0]:
            end = self._text.find("\n", token.start)
            words = f"the quote of the value of {quoted(name)} is not closed"
            return _fault_at(self._text, token.start, token.end if end < 0 else end, words)
        return self._entity(token.start, spelled)

    def _finish(self, token: Token, spelled: str) -> SyntaxFault | None:
        if self._attribute is not None:
            return self._without_value(token)
        name, self._name = self._name, ""
        if self._closing:
            return self._close(name, token)
        if not self._open and self._rooted:
            words = f"<{name}> comes after the root element: a definition has one"
            return SyntaxFault(self._tag, token.end, words, self._tag)
        self._rooted = True
        if spelled == ">":
            self._open.append((name, self._tag))
        return None

    def _close(self, name: str, token: Token) -> SyntaxFault | None:
        if not self._open:
            words = f"</{name}> closes nothing: no element is open here"
            return SyntaxFault(self._tag, token.end, words, self._tag)
        opened, start = self._open[-1]
        if opened == name:
            self._open.pop()
            return None
        line = self._text.count("\n", 0, start) + 1
        # A name that no open element has is most likely a slip of the fingers.
        fix = "" if any(name == other for other, _ in self._open) else closest(name, [opened])
        words = f"</{name}> does not close <{opened}> of line {line}"
        words += f".{did_you_mean(fix)}" if fix else ""
        return SyntaxFault(self._tag + 2, self._tag + 2 + len(name), words, self._tag, fix)

    def _check_enclosed(self, token: Token, spelled: str) -> SyntaxFault | None:
        """Check comments and the like: their end, and what they must not contain."""
        end = {Part.COMMENT: "-->", Part.CDATA: "]]>", Part.INSTRUCTION: "?>"}[token.part]
        kind = {Part.COMMENT: "comment", Part.CDATA: "CDATA section"}.get(token.part, "instruction")
        if not spelled.endswith(end):
            return _fault_at(
                self._text, token.start, token.start + 4, f"the {kind} is not ended by {end}"
            )
        dashes = spelled.find("--", 4) if token.part is Part.COMMENT else -1
        if 0 <= dashes < len(spelled) - 3:
            place = token.start + dashes
            return _fault_at(self._text, place, place + 2, "-- is not allowed inside a comment")
        if token.part is Part.INSTRUCTION and spelled.startswith("<?xml") and token.start:
            return self._at(token, "<?xml …?> may only stand at the very beginning")
        return None

    def _at(self, token: Token, words: str) -> SyntaxFault:
        return _fault_at(self._text, token.start, token.end, words)


_HANDLERS: Mapping[Part, Callable[[_FaultFinder, Token, str], SyntaxFault | None]] = {
    Part.OPEN: _FaultFinder._begin,
    Part.CLOSE_OPEN: _FaultFinder._begin,
    Part.NAME: _FaultFinder._check_name,
    Part.ATTRIBUTE: _FaultFinder._begin_attribute,
    Part.EQUALS: _FaultFinder._equals,
    Part.VALUE: _FaultFinder._value,
    Part.WRONG: _FaultFinder._not_allowed,
    Part.END: _FaultFinder._finish,
    Part.EMPTY_END: _FaultFinder._finish,
    Part.TEXT: _FaultFinder._in_text,
    Part.COMMENT: _FaultFinder._check_enclosed,
    Part.CDATA: _FaultFinder._check_enclosed,
    Part.INSTRUCTION: _FaultFinder._check_enclosed,
}
