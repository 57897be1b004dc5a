"""Nothing foreign reaches the terminal as it is, whichever command prints it."""

from __future__ import annotations

import pytest

from virttui.cli.list_domains import _print_table
from virttui.cli.output import show_message, warn
from virttui.hypervisor.connection.translate import address

HOSTILE = "\x1b]52;c;cm0gLXJm\x07\x1b[2J\nroot ok\r\u202e\x9b41m"


def test_what_is_printed_is_one_line_of_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    show_message(HOSTILE)
    warn(HOSTILE)
    for told in capsys.readouterr():
        assert told.endswith("\n") and told.count("\n") == 1
        assert told[:-1].isprintable() and "\\x1b" in told


def test_no_cell_of_the_list_is_raw(capsys: pytest.CaptureFixture[str]) -> None:
    rates = ("disk_read_bps", "disk_write_bps", "net_rx_bps", "net_tx_bps")
    row = dict.fromkeys(("cpu_percent", "memory_used_bytes", "memory_bytes", *rates))
    words = {"name": HOSTILE, "host": HOSTILE, "state": HOSTILE, "addresses": [HOSTILE]}
    _print_table([{**row, **words}])
    told = capsys.readouterr().out
    assert told.count("\n") == 2, "a heading and a row"
    assert told.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("told", "is_one"),
    [
        ("192.168.122.7", "192.168.122.7"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        (HOSTILE, ""),
        ("6.6.6.6\x1b[41m", ""),
        ("$(touch x)", ""),
        ("", ""),
        (None, ""),
        (3, ""),
    ],
)
def test_an_address_is_one_or_nothing(told: object, is_one: str) -> None:
    assert address(told) == is_one
