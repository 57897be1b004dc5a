"""What screens of text say."""

from __future__ import annotations

import pytest

from virttui.terminal.images.situations import situation_of


@pytest.mark.parametrize(
    ("lines", "word", "trouble"),
    [
        (["Debian GNU/Linux 12 mail-01 tty1", "", "mail-01 login: "], "login", False),
        (["mail-01 login: root", "Password: "], "password", False),
        (["  GNU GRUB  version 2.06", "", "*Debian"], "boot menu", False),
        (["error: no such device: 0af.", "grub rescue> "], "grub rescue", True),
        (["[    1.2] Kernel panic - not syncing: VFS: Unable to mount root fs", "[    1.3] CPU: 0"],
         "kernel panic", True),
        (["You are in emergency mode. After logging in, type", "Give root password"],
         "emergency mode", True),
        (["Booting from Hard Disk...", "No bootable device."], "nothing to boot", True),
        (["BdsDxe: failed to load Boot0001"], "nothing to boot", True),
        (["ALERT! /dev/vda1 does not exist", "(initramfs) "], "initramfs", True),
        (["Please unlock disk vda3_crypt:", "Enter passphrase for /dev/vda3: "],
         "passphrase", False),
        (["alpha:~# ", "", ""], "shell", False),
    ],
)  # fmt: skip
def test_a_state_is_recognised(lines: list[str], word: str, trouble: bool) -> None:
    found = situation_of(lines, 80)
    assert found is not None and (found.word, found.trouble) == (word, trouble)
    assert found.sentence.endswith(".")


def test_a_panic_says_its_reason() -> None:
    found = situation_of(["Kernel panic - not syncing: Attempted to kill init! exitcode=0x0"], 80)
    assert found is not None and "Attempted to kill init! exitcode=0x0" in found.sentence


@pytest.mark.parametrize("lines", [[], [""], ["Loading Linux 6.1 ..."], ["last login: today"]])
def test_what_is_not_recognised_is_not_guessed(lines: list[str]) -> None:
    assert situation_of(lines, 80) is None


def test_a_reason_that_goes_on_in_the_next_row_is_whole() -> None:
    first = "[    2.0] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-bl"
    assert len(first) == 80
    lines = ["[    1.9] before", first, "ock(0,0)", "[    2.1] CPU: 0 PID: 1"]
    found = situation_of(lines, 80)
    assert found is not None and "on unknown-block(0,0). It does" in found.sentence
    apart = situation_of([first, "[    2.1] CPU: 0 PID: 1"], 80)
    assert apart is not None and "CPU" not in apart.sentence
    assert situation_of([first[:60], "not part of it"], 80) != found
