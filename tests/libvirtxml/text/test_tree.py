"""The tolerant tree, held against lxml where the text is well-formed."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from tests.libvirtxml.text.documents import elements, scraps
from virttui.libvirtxml.text.tree import Element, escaped, tree, unescaped


def shape(element: Element) -> object:
    return (
        element.name,
        [(found.name, found.value) for found in element.attributes],
        [shape(child) for child in element.children],
    )


def lxml_shape(element: etree._Element) -> object:
    return (
        element.tag,
        list(element.attrib.items()),
        [lxml_shape(child) for child in element if isinstance(child.tag, str)],
    )


@given(elements())
def test_it_sees_what_lxml_sees(text: str) -> None:
    text = text.replace("qemu:", "qemu-")
    root = tree(text).root
    assert root is not None and root.closed
    seen = etree.fromstring(text.encode())
    # Line ends in attributes become blanks for a parser; here they keep their place.
    assert shape(root) == lxml_shape(seen)


@given(scraps)
@example("<//a<")
def test_any_text_has_a_tree_whose_spans_are_inside_their_parents(text: str) -> None:
    parsed = tree(text)
    for element in parsed.top.walk():
        assert element.start < element.open_end <= element.close_start <= element.end <= len(text)
        assert element.parent is not None
        assert element.parent.open_end <= element.start and element.end <= element.parent.end
        for attribute in element.attributes:
            assert element.start < attribute.start <= attribute.value_start <= attribute.value_end


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.sampled_from(["", "'", '"']))
def test_what_is_escaped_reads_back(text: str, quote: str) -> None:
    assert unescaped(escaped(text, quote)) == text
    assert not quote or quote not in escaped(text, quote)


def test_what_is_not_closed_ends_with_its_parent_and_strays_are_listed() -> None:
    parsed = tree("<a><b><c></b></d></a>")
    root = parsed.root
    assert root is not None
    b = root.child("b")
    c = root.child("b/c")
    assert b is not None and b.closed and c is not None and not c.closed
    assert [parsed.text[start:end] for start, end in parsed.stray_end_tags] == ["</d>"]


def test_the_innermost_element_is_found_by_place() -> None:
    text = "<a><b x='1'/>text<c>deep</c></a>"
    parsed = tree(text)
    found = parsed.at(text.index("deep"))
    assert found is not None and found.name == "c" and found.path == ("a", "c")
    assert parsed.text_of(found) == "deep"
