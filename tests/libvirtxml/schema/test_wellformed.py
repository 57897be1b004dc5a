"""Text that is no XML: where it stops being it, in plain words; and hostile text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.libvirtxml.schema.documents import DEVICES, DOMAIN
from virttui.libvirtxml.schema.completion import complete
from virttui.libvirtxml.schema.size_limits import (
    MAX_CHARACTERS,
    MAX_PROBLEMS,
    MAX_WALKED_CHARACTERS,
    MAX_WALKED_PARTS,
)
from virttui.libvirtxml.schema.validate import validate
from virttui.libvirtxml.schema.wellformed import SyntaxFault, parse_root
from virttui.model.identity import Kind


def broken(text: str) -> SyntaxFault:
    found = parse_root(text)
    assert isinstance(found, SyntaxFault), "it is XML after all"
    return found


@pytest.mark.parametrize(
    ("text", "marked", "words"),
    [
        ("<a>\n<b>\n</c>\n</a>", "c", "</c> does not close <b> of line 2. Did you mean"),
        ("<a><disk></dsik></a>", "dsik", "</dsik> does not close <disk> of line 1. Did you mean "
         '"disk"?'),
        ("<a><b></a>", "a", "</a> does not close <b> of line 1"),
        ("<a>\n<b>x</b>", "<a", "<a> is never closed"),
        ("<a></a></b>", "</b>", "</b> closes nothing: no element is open here"),
        ("<a/><b/>", "<b/>", "<b> comes after the root element: a definition has one"),
        ("<a/>x", "x", "there is text outside of the root element"),
        ("<a>x & y</a>", "&", "a bare & is not allowed: write &amp; for &"),
        ("<a b='x&y'/>", "&", "a bare & is not allowed: write &amp; for &"),
        ("<a>&nbsp;</a>", "&", "the entity &nbsp; is not known: write &amp; for &"),
        ("<a>1 < 2</a>", "<", "a bare < is not allowed: write &lt;"),
        ("<a b=c/>", "c", 'the value of "b" must be in quotes'),
        ("<a b/>", "b", 'the attribute "b" has no value'),
        ("<a b c='1'/>", "b", 'the attribute "b" has no value'),
        ("<a b='1' b='2'/>", "b", 'a has the attribute "b" twice'),
        ("<a b='1'c='2'/>", "c", 'a blank is missing before "c"'),
        ("<a b='1>\n</a>", "'1>", 'the quote of the value of "b" is not closed'),
        ("<a b'1'/>", "'1'", '= is missing between "b" and its value'),
        ("<a ='1'/>", "=", "= follows no attribute"),
        ("<a '1'/>", "'1'", """the value "'1'" belongs to no attribute"""),
        ("<a><b <c/></a>", "b", 'the tag of "b" is not ended by >'),
        ("<1a/>", "1a", '"1a" cannot be a name'),
        ("<a></a b='1'>", "b", "</a> closes an element: it has no attributes"),
        ("<a><!-- x -- y --></a>", "--", "-- is not allowed inside a comment"),
        ("<a><!-- x</a>", "<!--", "the comment is not ended by -->"),
        ("<a>]]></a>", "]]>", "]]> is not allowed in text: write ]]&gt;"),
        (" <?xml version='1.0'?><a/>", "<?xml version='1.0'?>", "<?xml …?> may only stand at the "
         "very beginning"),
        ("", "", "there is no element in this text"),
        ("<!-- only -->", "", "there is no element in this text"),
    ],
)  # fmt: skip
def test_what_is_no_xml_is_said_in_plain_words(text: str, marked: str, words: str) -> None:
    found = broken(text)
    assert found.words == words.removesuffix(". Did you mean")
    assert text[found.start : found.end] == marked


def test_what_stands_before_the_fault_is_checked_as_well() -> None:
    text = DOMAIN.replace("{device}", DEVICES["disk volume"])
    text = text.replace("<acpi/>", "<acpy/>").replace("</disk>", "</disc>")
    found = validate(text, Kind.DOMAIN, None).problems
    assert [(one.fix, one.line) for one in found] == [
        ("acpi", text[: text.index("<acpy")].count("\n") + 1),
        ("disk", text[: text.index("</disc")].count("\n") + 1),
    ]


@pytest.mark.parametrize("cut", range(0, 850, 37))
def test_what_is_not_typed_yet_is_not_missed(cut: int) -> None:
    """Of a valid document that ends in the middle, only that it ends is a fault."""
    text = DOMAIN.replace("{device}", DEVICES["disk volume"])[:cut]
    found = validate(text, Kind.DOMAIN, None).problems
    assert len(found) == 1, found


@settings(deadline=None)  # the first reads the schemas
@given(st.text(alphabet="<>/='\"& ab!-[]?\n", max_size=60))
def test_any_text_is_answered_in_one_way_or_the_other(text: str) -> None:
    found = parse_root(text)
    if isinstance(found, SyntaxFault):
        assert 0 <= found.start <= found.end <= max(len(text), found.start)
        assert found.words and not found.words.startswith("this is not XML: Document is empty")
    for offset in range(0, len(text) + 1, 7):
        complete(text, offset, Kind.DOMAIN, None)


WRAPPED = "<domain type='kvm'><name>a</name>{}</domain>"
BOMB = "".join(f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9))

HOSTILE = {
    "entity bomb": (
        f"<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'>{BOMB}]><domain type='&j;'>&j;</domain>",
        "a document type is not allowed in a definition",
    ),
    "external document type": (
        "<!DOCTYPE d SYSTEM 'http://192.0.2.1/x.dtd'><domain/>",
        "a document type is not allowed in a definition",
    ),
    "external entity": (
        "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><domain><name>&x;</name></domain>",
        "a document type is not allowed in a definition",
    ),
    "10 MB": (
        WRAPPED.format("x" * 10_000_000),
        "this text has 10 million characters: it is not checked",
    ),
    "NUL": (WRAPPED.format("\0"), "a control character (U+0000) is not allowed in XML"),
    "escape": (WRAPPED.format("\x1b[2J"), "a control character (U+001B) is not allowed in XML"),
    "half a character": (
        WRAPPED.format("\ud800"),
        "half a character (U+D800) is not allowed in XML",
    ),
    "an encoding that lies": (
        "<?xml version='1.0' encoding='UTF-16'?><domain/>",
        'the encoding is said to be "UTF-16", but a definition is always UTF-8',
    ),
    "100,000 nested elements": ("<a>" * 100_000, "elements are nested too deep"),
    "300 nested elements": ("<a>" * 300, "elements are nested too deep"),
    "a 5 MB attribute": (
        WRAPPED.format(f"<os x='{'y' * 5_000_000}'/>"),
        "something in this text is not allowed; it is too large to look for the place",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_a_sentence(name: str) -> None:
    text, words = HOSTILE[name]
    checked = validate(text, Kind.DOMAIN, None)
    assert [one.words for one in checked.problems] == [words]
    assert len(repr(checked)) < 1000, "what is hostile is not carried on"
    complete(text, len(text) // 2, Kind.DOMAIN, None)


def test_no_element_is_walked_in_a_text_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    def walked(*_: object) -> None:
        raise AssertionError("the elements are looked at one by one")

    for module in ("validate", "cursor_context", "wellformed"):
        for walker in ("tree", "scan"):
            name = f"virttui.libvirtxml.schema.{module}.{walker}"
            monkeypatch.setattr(name, walked, raising=False)
    crowd = " ".join(f"a{number}='1'" for number in range(MAX_WALKED_PARTS + 1))
    filler = "<disk foo='1'/>" * (MAX_WALKED_PARTS + 1)
    for text in (
        WRAPPED.format(f"<title>{'x' * MAX_WALKED_CHARACTERS}</title><bad/>"),
        WRAPPED.format(f"<devices>{filler}</devices>"),
        "<" * (MAX_WALKED_PARTS + 1),
        WRAPPED.format(f"<os {crowd}/>"),
        WRAPPED.format("x" * MAX_CHARACTERS),
    ):
        assert len(validate(text, Kind.DOMAIN, None).problems) == 1
        assert complete(text, len(text) // 2, Kind.DOMAIN, None) is None


@pytest.mark.parametrize(
    "filler",
    [
        "<devices>" + "<disk foo='1'/>" * 5000 + "</devices>",
        "<os " + " ".join(f"a{number}='1'" for number in range(5000)) + "/>",
        "<devices>" + "<disk type='file'><target dev='vda'/></disk>" * 5000 + "</devices>",
    ],
    ids=["unknown attributes", "attributes of one element", "missing sources"],
)
def test_no_more_is_told_than_anyone_reads(filler: str) -> None:
    assert len(validate(WRAPPED.format(filler), Kind.DOMAIN, None).problems) == MAX_PROBLEMS


def test_definitions_that_nest_in_themselves_are_no_trap() -> None:
    inner = "<backingStore type='file'>" * 120 + "</backingStore>" * 120
    text = DOMAIN.replace("{device}", f"<disk type='file'>{inner}<target dev='vda'/></disk>")
    assert validate(text, Kind.DOMAIN, None).problems
