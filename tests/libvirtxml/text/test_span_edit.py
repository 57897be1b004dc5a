"""Targeted changes leave everything else as it was, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.libvirtxml.text.documents import elements
from virttui.libvirtxml.text.span_edit import (
    apply_edits,
    drop_attribute,
    fragment,
    insert,
    remove,
    replace,
    set_attribute,
    set_text,
)
from virttui.libvirtxml.text.tree import Element, Tree, tree

DOMAIN = """\
<domain type='kvm' xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <!-- kept: who changes this calls first -->
  <name>web</name>
  <memory unit="KiB">1048576</memory>
  <devices>
    <disk type='file'>
      <target dev='vda'
              bus="virtio"/>
    </disk>
    <unheard-of since='99.0'/>
  </devices>
  <empty/>
  <qemu:commandline><qemu:arg value='-S'/></qemu:commandline>
</domain>
"""


def at(path: str) -> tuple[Tree, Element]:
    parsed = tree(DOMAIN)
    root = parsed.root
    assert root is not None
    found = root.child(path)
    assert found is not None
    return parsed, found


def test_an_attribute_keeps_its_quotes_and_place() -> None:
    parsed, target = at("devices/disk/target")
    done = apply_edits(DOMAIN, [set_attribute(parsed, target, "bus", 'say "sata"')])
    assert done == DOMAIN.replace('bus="virtio"', 'bus="say &quot;sata&quot;"')


def test_a_new_attribute_goes_behind_the_others() -> None:
    parsed, disk = at("devices/disk")
    done = apply_edits(DOMAIN, [set_attribute(parsed, disk, "device", "o'clock")])
    assert done == DOMAIN.replace("<disk type='file'>", "<disk type='file' device='o&apos;clock'>")


def test_an_attribute_goes_with_the_blanks_before_it() -> None:
    parsed, target = at("devices/disk/target")
    change = drop_attribute(parsed, target, "bus")
    assert change is not None
    assert "<target dev='vda'/>" in apply_edits(DOMAIN, [change])
    assert drop_attribute(parsed, target, "none") is None


def test_text_is_escaped_and_an_empty_element_opens() -> None:
    parsed, name = at("name")
    assert "<name>a&lt;b</name>" in apply_edits(DOMAIN, [set_text(parsed, name, "a<b")])
    parsed, empty = at("empty")
    assert "<empty>now</empty>" in apply_edits(DOMAIN, [set_text(parsed, empty, "now")])


def test_an_element_is_put_in_with_the_margin_of_its_siblings() -> None:
    parsed, devices = at("devices")
    disk = devices.child("disk")
    done = apply_edits(DOMAIN, [insert(parsed, devices, "<rng>\n  <x/>\n</rng>", disk)])
    added = "    <rng>\n      <x/>\n    </rng>\n"
    assert done == DOMAIN.replace("    <unheard-of", added + "    <unheard-of")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<a>\n  <b/>\n</a>", "<a>\n  <b>\n    <c/>\n  </b>\n</a>"),
        ("<a>\n  <b></b>\n</a>", "<a>\n  <b>\n    <c/>\n  </b>\n</a>"),
        ("<a>\n  <b>\n  </b>\n</a>", "<a>\n  <b>\n    <c/>\n  </b>\n</a>"),
    ],
)
def test_an_element_without_children_gets_its_first(text: str, wanted: str) -> None:
    parsed = tree(text)
    root = parsed.root
    assert root is not None
    assert apply_edits(text, [insert(parsed, root.children[0], "<c/>")]) == wanted


def test_an_element_goes_with_its_line() -> None:
    parsed, unknown = at("devices/unheard-of")
    assert apply_edits(DOMAIN, [remove(parsed, unknown)]) == DOMAIN.replace(
        "    <unheard-of since='99.0'/>\n", ""
    )
    parsed = tree("<a><b/><c/></a>")
    root = parsed.root
    assert root is not None
    assert apply_edits(parsed.text, [remove(parsed, root.children[0])]) == "<a><c/></a>"


def test_an_element_is_replaced_and_read_back_at_its_margin() -> None:
    parsed, disk = at("devices/disk")
    alone = fragment(parsed, disk)
    assert alone.startswith("<disk type='file'>\n  <target") and alone.endswith("\n</disk>")
    assert apply_edits(DOMAIN, [replace(parsed, disk, alone)]) == DOMAIN


@given(elements(), st.data())
def test_a_value_set_to_what_it_is_changes_nothing_a_parser_sees(
    text: str, data: st.DataObject
) -> None:
    text = text.replace("qemu:", "qemu-")
    parsed = tree(text)
    found = [(e, a) for e in parsed.top.walk() for a in e.attributes]
    if not found:
        assert apply_edits(text, []) == text
        return
    element, attribute = data.draw(st.sampled_from(found))
    done = apply_edits(text, [set_attribute(parsed, element, attribute.name, attribute.value)])
    one, other = (etree.tostring(etree.fromstring(t.encode()), method="c14n") for t in (text, done))
    assert one == other
