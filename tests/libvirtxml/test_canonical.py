"""One way of writing a definition, and what a running one has only for this run."""

from __future__ import annotations

from hypothesis import given
from lxml import etree

from tests.libvirtxml.text.documents import elements
from virttui.libvirtxml.canonical import canonical
from virttui.libvirtxml.pending_changes import stored_form


@given(elements())
def test_texts_that_mean_the_same_are_written_the_same(text: str) -> None:
    text = text.replace("qemu:", "qemu-")
    root = etree.fromstring(text.encode(), etree.XMLParser(remove_comments=True, remove_pis=True))
    again = etree.tostring(root, encoding="unicode").replace("\n", " ")
    assert canonical(again).split() == canonical(text).replace("\n", " ").split()


def test_sizes_quotes_order_and_comments_do_not_matter_and_values_do() -> None:
    one = "<domain><!-- x --><memory unit='GiB'>2</memory><os b=\"1\" a='2'/></domain>"
    other = "<domain>\n  <memory unit='KiB'>2097152</memory>\n  <os a='2' b='1'></os>\n</domain>"
    assert canonical(one) == canonical(other)
    assert canonical(one) != canonical(other.replace("2097152", "2097153"))
    assert "<memory unit='KiB'>2097152</memory>" in canonical(one), "as libvirt writes it"
    assert canonical("<memory unit='b'>1025</memory>") == "<memory unit='bytes'>1025</memory>"
    assert canonical("<a><size>text</size></a>") == "<a>\n  <size>text</size>\n</a>"


STORED = """\
<domain type='kvm'>
  <name>web</name>
  <cpu mode='host-model' check='partial'/>
  <devices>
    <disk type='file' device='disk'>
      <source file='/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <serial type='pty'>
      <target port='0'/>
    </serial>
    <graphics type='vnc' port='-1' autoport='yes'/>
  </devices>
</domain>
"""
LIVE = """\
<domain type='kvm' id='7'>
  <name>web</name>
  <resource><partition>/machine</partition></resource>
  <cpu mode='custom' match='exact'><model>EPYC</model><feature name='x' policy='require'/></cpu>
  <devices>
    <disk type='file' device='disk'>
      <source file='/a.qcow2' index='1'/>
      <backingStore/>
      <target dev='vda' bus='virtio'/>
      <alias name='virtio-disk0'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default' portid='p-1' bridge='virbr0'/>
      <target dev='vnet3'/>
      <model type='virtio'/>
      <alias name='net0'/>
    </interface>
    <serial type='pty'>
      <source path='/dev/pts/3'/>
      <target port='0'/>
      <alias name='serial0'/>
    </serial>
    <graphics type='vnc' port='5901' autoport='yes'/>
  </devices>
  <seclabel type='dynamic' model='dac' relabel='yes'><label>+64055</label></seclabel>
</domain>
"""


def test_what_was_given_for_this_run_alone_is_no_change_of_the_next_boot() -> None:
    assert canonical(stored_form(LIVE, STORED)) == canonical(STORED)


def test_what_the_next_boot_changes_is_left() -> None:
    stored = STORED.replace("/a.qcow2", "/b.qcow2").replace("host-model", "host-passthrough")
    left = canonical(stored_form(LIVE, stored))
    assert "/a.qcow2" in left and "EPYC" in left
    more = STORED.replace("<graphics", "<rng model='virtio'/>\n    <graphics")
    assert canonical(stored_form(LIVE, more)) == canonical(STORED)


def test_other_documents_stay_as_they_are() -> None:
    assert stored_form("<network><name>x</name></network>", "<network/>").startswith("<network>")


def test_nics_of_one_address_are_told_apart_by_their_order() -> None:
    nic = "<interface><mac address='52:54:00:00:00:01'/><source network='{}'{}/>{}</interface>"
    own = "<target dev='mine'/>"
    stored = nic.format("a", "", "") + nic.format("b", "", own)
    live = nic.format("a", " portid='1'", "<target dev='vnet1'/>") + nic.format(
        "b", " portid='2'", own
    )
    one, other = (f"<domain><devices>{text}</devices></domain>" for text in (stored, live))
    assert canonical(stored_form(other, one)) == canonical(one)
