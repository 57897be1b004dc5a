"""Descriptions of machines by tools that do not write UTF-8."""

from __future__ import annotations

from pathlib import Path

import pytest

from virttui.appliances.open_appliance import open_appliance
from virttui.libvirtxml.parse import root_of, text
from virttui.planning.imports.encodings import decoded

XML = (
    "<domain type='kvm'><name>Büro</name><memory>65536</memory><vcpu>1</vcpu>"
    "<os><type arch='x86_64'>hvm</type></os><description>grün – 5 €</description></domain>"
)
VMX = '{}config.version = "8"\nvirtualHW.version = "19"\ndisplayName = "Büro"\nguestOS = "other"\n'


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<?xml version='1.0' encoding='windows-1252'?>\n", "windows-1252"),
        ("<?xml version='1.0' encoding='UTF-16'?>\n", "utf-16"),
        ("<?xml version='1.0' encoding='iso-8859-15'?>\n", "iso-8859-15"),
        ("<?xml version='1.0' encoding='utf-8'?>\n", "utf-8-sig"),
        ("<?xml version='1.0'?>\n", "utf-8"),
        ("", "windows-1252"),
    ],
)
def test_a_definition_is_read_in_its_own_encoding(tmp_path: Path, head: str, encoding: str) -> None:
    body = XML.replace("–", "-") if encoding == "iso-8859-15" else XML
    file = tmp_path / "machine.xml"
    file.write_bytes((head + body).encode(encoding))
    appliance = open_appliance(str(file))
    assert appliance.name == "Büro"
    assert "5 €" in text(root_of(appliance.xml), "description")
    assert "encoding" not in appliance.xml.partition("?>")[0] or not head


@pytest.mark.parametrize(
    ("line", "encoding"),
    [
        ('.encoding = "windows-1252"\n', "windows-1252"),
        ('.encoding = "UTF-8"\n', "utf-8"),
        ('.encoding = "GBK"\n', "gbk"),
        ("", "windows-1252"),
        ("", "utf-16"),
    ],
)
def test_a_vmx_is_read_in_its_own_encoding(tmp_path: Path, line: str, encoding: str) -> None:
    file = tmp_path / "machine.vmx"
    file.write_bytes(VMX.format(line).encode(encoding))
    assert open_appliance(str(file)).name == "Büro"


def test_an_encoding_that_there_is_not_stops_nothing() -> None:
    assert decoded(b"<?xml version='1.0' encoding='x-none'?><a>\xfc</a>").endswith("<a>ü</a>")
    assert decoded(b"<?xml version='1.0' encoding='base64'?><a>b</a>").endswith("<a>b</a>")
    assert decoded(b"\x81\xfc").count("\ufffd"), "what nothing can read is shown as such"
