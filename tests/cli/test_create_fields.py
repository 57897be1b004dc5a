"""The fields of a file of ``virttui create``: listed by method, and the nearest to a wrong one."""

from __future__ import annotations

import pytest

from virttui.__main__ import main
from virttui.cli.create_fields import fields, nearest
from virttui.model.provision.domain_spec import InstallMethod


@pytest.mark.parametrize("method", list(InstallMethod))
def test_every_method_has_its_fields(method: InstallMethod) -> None:
    names = {field.name for field in fields(method)}
    assert {"vcpus", "memory", "net", "start"} <= names or method is InstallMethod.CONTAINER
    assert not {"name", "method"} & names


def test_the_fields_are_printed_with_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create", "--fields"]) == 0
    printed = capsys.readouterr().out
    for method in InstallMethod:
        assert f'method = "{method}"' in printed
    lines = [line.split(maxsplit=1) for line in printed.splitlines() if line.startswith("  ")]
    assert all(len(words) == 2 for words in lines), "each has a word about it"
    assert "runs by: kvm, qemu" in printed and "disk2.size" in printed


def test_a_file_is_wanted_without_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["create"]) == 2 and "--fields" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stray", "meant"),
    [("runs", "virt"), ("runs by", "virt"), ("vcpu", "vcpus"), ("ssh", "keys"),
     ("network", "net"), ("image", "base"), ("ram", ""), ("disk2.sizes", "size")],
)  # fmt: skip
def test_the_nearest_fields_are_named(stray: str, meant: str) -> None:
    said = nearest(stray, fields(InstallMethod.CLOUD))
    assert meant in said and "virttui create --fields" in said
    assert bool(meant) == ("did you mean" in said)
