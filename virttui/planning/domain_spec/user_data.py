"""Checks of the user's own user-data and network-config: their type, and their YAML.

Mistakes that cloud-init would only log are refused here, with their line. Everything that it takes
unchanged is passed on unchanged: a part of an unknown type, a template before it is filled.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from virttui.model.errors import InvalidInput

if TYPE_CHECKING:
    from email.message import Message

    from yaml import MarkedYAMLError, Node, SafeLoader

_KINDS = {
    "#cloud-config-archive": "cloud-config-archive",
    "#cloud-config-jsonp": "cloud-config-jsonp",
    "#cloud-config": "cloud-config",
    "#cloud-boothook": "cloud-boothook",
    "#include-once": "x-include-once-url",
    "#include": "x-include-url",
    "#part-handler": "part-handler",
    "## template: jinja": "jinja2",
    "#!": "x-shellscript",
}
"""The first line of user-data, and its MIME type below ``text/``; the longer ones first."""
_MERGE = "list(append)+dict(no_replace,recurse_list)+str()"
"""How further user-data is merged: lists are appended, existing values stay."""
_MERGED_TYPES = ("text/cloud-config", "text/jinja2")
_UNSPECIFIC_TYPES = ("text/plain", "text/x-not-multipart", "application/octet-stream")
"""Types of parts that cloud-init recognizes by their first line."""
_MAX_DEPTH = 64


class YamlFault(NamedTuple):
    """A mistake in a YAML text, and its line."""

    line: int
    words: str


def parts(further: str) -> list[Message]:
    """Return user-data as MIME parts: its own where it has some, else one. Raises InvalidInput."""
    from email import errors, message_from_string
    from email.mime.text import MIMEText

    defects = (errors.NoBoundaryInMultipartDefect, errors.StartBoundaryNotFoundDefect)
    text = further.lstrip("\ufeff").lstrip()
    if not _is_mime(text):
        kind = _kind(text)
        if not kind:
            raise InvalidInput(
                "further user-data begins with #cloud-config, #! or its MIME headers"
            )
        part: Message = MIMEText(text, kind, "utf-8")
        part["Merge-Type"] = _MERGE
        return [part]
    found = []
    for part in message_from_string(text).walk():
        if any(isinstance(one, defects) for one in part.defects):
            raise InvalidInput("further user-data has MIME parts that cannot be told apart: its "
                           "boundary is not there")  # fmt: skip
        if part.get_content_maintype() != "multipart":
            found.append(_portable(part))
    return found


def check_user_data(text: str, path: str) -> str:
    """Return user-data after checking its YAML. Raises InvalidInput with its file and line."""
    for number, (start, body, kind) in enumerate(_bodies(text), 1):
        if kind not in ("cloud-config", "cloud-config-archive"):
            continue
        fault = _yaml_fault(body) or _shape_fault(body, list_too=kind == "cloud-config-archive")
        if fault is not None:
            where = f"line {start + fault.line}"
            if start < 0:
                where = f"line {fault.line} of its part {number}"
            raise InvalidInput(f"{path}, {where}: {fault.words}")
    return text


def network_config(text: str, path: str) -> str:
    """Return a network-config as the seed needs it, without an outer ``network:``.

    Raises InvalidInput with its file and line.
    """
    text = text.lstrip("\ufeff")
    fault = _yaml_fault(text) or _shape_fault(text)
    if fault is not None:
        raise InvalidInput(f"{path}, line {fault.line}: {fault.words}")
    text = _unwrapped(text)
    keys = _top_level(text)
    if "version" not in keys and "config" not in keys:
        raise InvalidInput(f"{path} has no version: a network-config begins with version: 2")
    return text


# -- kinds -------------------------------------------------------------------------------------


def _is_mime(text: str) -> bool:
    head = text[:4096].lower()
    return not text.startswith("#") and (
        head.startswith(("content-type:", "mime-version:")) or "\nmime-version:" in head
    )


def _kind(text: str) -> str:
    start = text[:64].lower()
    return next((kind for mark, kind in _KINDS.items() if start.startswith(mark)), "")


def _portable(part: Message) -> Message:
    """Return a MIME part encoded so that nothing of it is lost in transit."""
    payload, encoding = part.get_payload(), str(part.get("Content-Transfer-Encoding", "")).lower()
    if (
        isinstance(payload, str)
        and not payload.isascii()
        and encoding in ("", "7bit", "8bit", "binary")
    ):
        del part["Content-Transfer-Encoding"]
        part.set_payload(payload, "utf-8")
    has_merge_type = "Merge-Type" in part or "X-Merge-Type" in part
    if part.get_content_type() in _MERGED_TYPES and not has_merge_type:
        part["Merge-Type"] = _MERGE
    return part


def _bodies(text: str) -> list[tuple[int, str, str]]:
    """Return each part: the number of lines before it (-1 where it is encoded), its text, its
    kind."""
    from email import message_from_string

    plain = text.lstrip("\ufeff").lstrip()
    skipped = text[: len(text) - len(plain)].count("\n")
    if not _is_mime(plain):
        return [(skipped, plain, _kind(plain))]
    found = []
    for part in message_from_string(plain).walk():
        if part.get_content_maintype() == "multipart":
            continue
        body = _body(part)
        place = plain.find(body) if body.strip() else -1
        start = skipped + plain.count("\n", 0, place) if place >= 0 else -1
        unspecific = part.get_content_type() in _UNSPECIFIC_TYPES
        kind = _kind(body.lstrip()) if unspecific else part.get_content_subtype()
        found.append((start, body, kind))
    return found


def _body(part: Message) -> str:
    payload = part.get_payload()
    way = str(part.get("Content-Transfer-Encoding", "")).lower()
    if isinstance(payload, str) and way not in ("base64", "quoted-printable"):
        return payload
    raw = part.get_payload(decode=True)
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""


# -- YAML --------------------------------------------------------------------------------------


@lru_cache(32)
def _yaml_fault(text: str) -> YamlFault | None:
    """Return the first reason why a text is not a single YAML document, None for none."""
    import yaml

    depth, documents = 0, 0
    try:
        for event in yaml.parse(text, Loader=_loader()):
            line = event.start_mark.line + 1 if event.start_mark is not None else 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    return YamlFault(line, "a second document begins, and only one is read")
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                return YamlFault(line, "it is nested deeper than makes sense")
        yaml.compose(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        return _fault_at_mark(text, error)
    except yaml.reader.ReaderError as error:
        before = text.encode("utf-8", "replace")[: error.position]
        return YamlFault(before.count(b"\n") + 1, "it holds a character that YAML does not allow")
    return None


def _fault_at_mark(text: str, error: MarkedYAMLError) -> YamlFault:
    """Return the parser's error; an unclosed structure is reported with the line where it
    begins."""
    mark, context_mark = error.problem_mark, error.context_mark
    line = mark.line + 1 if mark is not None else 1
    words = str(error.problem or "it makes no sense")
    before = text[mark.index - mark.column : mark.index + 1] if mark is not None else ""
    if "\t" in before[: len(before) - len(before.lstrip())]:
        words = "there is a tab where only spaces are allowed"
    elif context_mark is not None and context_mark.line + 1 != line:
        words += f", {error.context} that begins in line {context_mark.line + 1}"
    return YamlFault(line, words)


def _shape_fault(text: str, *, list_too: bool = False) -> YamlFault | None:
    """Return a fault if a valid text is not made of keys with values."""
    import yaml

    root = yaml.compose(text, Loader=_loader())
    line = root.start_mark.line + 1 if root is not None else 1
    if root is None or isinstance(root, yaml.MappingNode) or (
        isinstance(root, yaml.ScalarNode) and not root.value
    ):  # fmt: skip
        return None
    if isinstance(root, yaml.SequenceNode):
        return None if list_too else YamlFault(line, "it is a list, and not keys with values")
    return YamlFault(line, "it is not a key with a value")


def _top_level(text: str) -> dict[str, Node]:
    """Return the keys of a valid text, with their values."""
    import yaml

    root = yaml.compose(text, Loader=_loader())
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    return {str(key.value): value for key, value in pairs}


def _unwrapped(text: str) -> str:
    """Return the text below ``network:``, unindented; the whole text without that key."""
    import yaml

    value = _top_level(text).get("network")
    if not isinstance(value, yaml.MappingNode):
        return text
    inner = text[value.start_mark.index : value.end_mark.index]
    if value.flow_style:
        return inner + "\n"
    column = value.start_mark.column
    first, *rest = inner.split("\n")
    lines = [one[column:] if not one[:column].strip() else one.lstrip() for one in rest]
    return "\n".join([first, *lines]).rstrip() + "\n"


def _loader() -> type[SafeLoader]:
    """Return the parser in C where it is installed: it takes a tenth of the time."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
