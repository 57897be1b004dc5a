from __future__ import annotations

import pytest

from virttui.typed.virsh import ASKS, REFUSED, argument_list, check, secret


def test_arguments_are_split_without_a_shell() -> None:
    assert check("dumpxml 'a b; rm -rf /' --inactive").arguments == (
        "dumpxml", "a b; rm -rf /", "--inactive",
    )  # fmt: skip


@pytest.mark.parametrize("name", sorted(ASKS))
def test_what_loses_something_asks(name: str) -> None:
    assert check(f"{name} web-01").asks


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_wants_the_terminal_is_refused(name: str) -> None:
    found = check(f"{name} web-01")
    assert found.wrong.startswith(f"virsh {name}: ") and not found.arguments


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "virsh wants a command"),
        ("dominfo 'web", "no closing quotation"),
        ("-c qemu:///session list", "a command comes first"),
        ("'list; destroy web-01'", "virsh has no command list; destroy"),
        ("desc web-01 --edit", "opens an editor"),
        ("start web-01 --console", "wants the terminal"),
    ],
)
def test_what_is_wrong_is_said(line: str, words: str) -> None:
    assert words in check(line).wrong


def test_a_crash_dump_asks_and_a_plain_one_does_not() -> None:
    assert check("dump web-01 f --crash").asks
    assert not check("dump web-01 f").asks


def test_a_read_only_run_opens_read_only() -> None:
    assert argument_list("u", ["list"], read_only=True) == ["virsh", "-c", "u", "-r", "list"]
    assert argument_list("u", ["list"], read_only=False) == ["virsh", "-c", "u", "list"]


@pytest.mark.parametrize(
    "line",
    [
        "virsh secret-set-value 1 --base64 Zm9v",
        "virsh set-user-password web-01 root hunter2",
        "virsh x --password y",
        "!qemu-agent-command web-01 '{}'",
    ],
)
def test_what_may_hold_a_secret_is_known(line: str) -> None:
    assert secret(line)
    assert not secret("virsh dominfo web-01")
