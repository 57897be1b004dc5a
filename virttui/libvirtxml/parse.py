"""Safe parsing of libvirt's XML: no entities expanded, no file or network touched, size bounded."""

from __future__ import annotations

from lxml import etree

from virttui.model.errors import InvalidInput


def _parser(encoding: str | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=False,
    )


PARSER = _parser()
"""Parses bytes, in the encoding that they declare."""
TEXT_PARSER = _parser("utf-8")
"""Parses text that was decoded before, whatever encoding it declares."""


def root_of(xml: str) -> etree._Element:
    """Return the root element. Raises InvalidInput with the line of the syntax error."""
    try:
        return etree.fromstring(xml.encode(), TEXT_PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(f"its XML cannot be parsed: {error}") from error


def text(element: etree._Element, path: str, default: str = "") -> str:
    """Return the text at ``path``, without surrounding space; ``default`` where there is none."""
    found = element.findtext(path)
    return found.strip() if found else default


def attribute(element: etree._Element, path: str, name: str, default: str = "") -> str:
    """Return the attribute ``name`` of the element at ``path`` ("." is the element itself)."""
    found = element.find(path)
    return found.get(name, default) if found is not None else default


LONGEST_NUMBER = 18
"""The most digits of a size or count in libvirt."""


def whole(words: str) -> int | None:
    """Return a whole number as libvirt writes it, None for anything else.

    Digits of other scripts and numbers of thousands of digits are no numbers here.
    """
    words = words.strip()
    if not (words.isascii() and words.isdigit()) or len(words) > LONGEST_NUMBER:
        return None
    return int(words)


UNITS = {
    "b": 1,
    "bytes": 1,
    "kb": 1000,
    "k": 1024,
    "kib": 1024,
    "mb": 1000**2,
    "m": 1024**2,
    "mib": 1024**2,
    "gb": 1000**3,
    "g": 1024**3,
    "gib": 1024**3,
    "tb": 1000**4,
    "t": 1024**4,
    "tib": 1024**4,
}
"""The units that libvirt writes, in lower case, in bytes."""


def size(element: etree._Element, path: str, unit: str = "KiB") -> int | None:
    """Return a scaled integer of libvirt's in bytes; ``unit`` is the default where the element
    has none."""
    found = element.find(path)
    number = whole(found.text or "") if found is not None else None
    if found is None or number is None:
        return None
    factor = UNITS.get(found.get("unit", unit).lower())
    return number * factor if factor else None
