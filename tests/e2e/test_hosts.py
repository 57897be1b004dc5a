"""Hosts that are not there, names that want to do harm."""

from __future__ import annotations

import re
from pathlib import Path

from .conftest import Start

NOWHERE = "qemu+unix:///system?socket=/nonexistent/virttui-sock"

HOSTILE = (
    "bad[|x]",
    "[bold red]x[!]",
    "[@click=app.quit]x",
    "日本語サーバー",
    "c1&#x9b;31m&#x85;",
    "rtl&#x202e;gnp",
    "zero&#x200b;width&#x301;",
    " leading and trailing ",
    "-rf",
    "$(reboot)",
    "long-" + "x" * 200,
)


def test_without_any_libvirt_the_first_run_page_leads_to_the_demo(start: Start) -> None:
    it = start(env={"LIBVIRT_DEFAULT_URI": NOWHERE})
    it.wait_for("nonexistent")
    it.wait_for(r"\bd\b.*demo")
    it.press("d")
    it.wait_for("db-primary-01")
    it.press("q")
    assert it.exit_status() == 0


def test_the_first_run_page_can_be_left(start: Start) -> None:
    it = start(env={"LIBVIRT_DEFAULT_URI": NOWHERE})
    it.wait_for(r"\bd\b.*demo")
    it.press("q")
    assert it.exit_status() == 0


def test_a_dead_host_is_shown_beside_a_live_one(start: Start) -> None:
    it = start("-c", "test:///default", "-c", NOWHERE, size=(160, 50))
    it.wait_for("● live")
    it.wait_for(r"/nonexistent|\blost\b")
    it.wait_for(r"▌.?test .*running|test +● running")
    it.press("4")
    it.wait_for("nonexistent")
    it.press("q")
    assert it.exit_status() == 0


def test_only_dead_hosts_named_by_hand_are_shown_dead(start: Start) -> None:
    it = start("-c", NOWHERE)
    it.wait_for("1 domains")
    it.wait_for("nonexistent")
    it.press("q")
    assert it.exit_status() == 0


def test_a_uri_nobody_understands_ends_nothing(start: Start) -> None:
    it = start("-c", "nonsense://[", "-c", "test:///default")
    it.wait_for("test +● running")
    it.press("q")
    assert it.exit_status() == 0


def test_hostile_names_are_shown_and_do_nothing(start: Start, tmp_path: Path) -> None:
    domains = "".join(
        f"<domain type='test'><name>{name}</name><title>{name} [/] {name}</title>"
        "<memory>1024</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>"
        for name in HOSTILE
    )
    scene = tmp_path / "scene.xml"
    scene.write_text(f"<node>{domains}</node>")
    it = start("-c", f"test://{scene}", size=(160, 50))
    it.wait_for(r"\[bold red\]x")
    for shown in ("bad[|x]", "[@click=app.quit]x", "$(reboot)", "-rf", "日"):
        it.wait_for(re.escape(shown))
    for _ in HOSTILE:
        it.press("j")
    for key, opened in (("?", "live key map"), ("ctrl+p", "type.*search|show domains")):
        it.press(key)
        it.wait_for(opened)
        it.press("escape")
        it.wait_gone(opened)
    it.press("D")
    it.wait_for("y Force off")
    it.press("escape")
    it.wait_gone("y Force off")
    it.press("q")
    assert it.exit_status() == 0
    text = it.raw.decode(errors="replace")
    assert not {"\x9b", "\x85", "\u202e", "\u200b"} & set(text)
