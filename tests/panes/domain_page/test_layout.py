"""The page of one domain as plain text: whole, at every size, and when something is amiss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.scenes import domain_page, fleet
from virttui.model.domains.details import DomainDetails
from virttui.model.inventory import DomainState, Inventory
from virttui.panes.domain_page.view_state import DetailsViewState
from virttui.render.glyphs import ASCII, UNICODE, RenderContext
from virttui.render.line import Role, length, plain
from virttui.store.fleet_state import FleetStore

Golden = Callable[[str, list[str]], None]
LOOK = RenderContext(UNICODE, True, fleet.NOW, fleet.EPOCH)
WIDE = (120, 36)


def view_state_of(
    size: tuple[int, int] = WIDE,
    details: DomainDetails | None = None,
    host: Callable[[Inventory], Inventory] = lambda inventory: inventory,
) -> DetailsViewState:
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in fleet.inventories():
        store.apply_inventory(host(inventory) if inventory.host.id == "kvm01" else inventory)
    fleet_state = store.fleet_state(fleet.NOW, fleet.EPOCH)
    (domain,) = (d for d, _ in fleet.domains() if d.name == domain_page.NAME)
    view_state = DetailsViewState(domain)
    view_state.resize(*size)
    view_state.update(fleet_state)
    view_state.take_details(domain_page.details() if details is None else details)
    return view_state


def screen(view_state: DetailsViewState, look: RenderContext = LOOK) -> list[str]:
    """The page as it lies on the terminal."""
    frame = view_state.page(look)
    sizes, (cells, height) = frame.sizes, view_state.size
    halves = [
        (frame.left, sizes.left),
        *([((), 1)] if frame.left and frame.right else []),
        (frame.right, sizes.right),
    ]
    lines = [plain(look.with_glyphs(frame.tabs)), plain(look.with_glyphs(frame.crumb))]
    for y in range(sizes.lines):
        line = ""
        for half, width in halves:
            if half or width == 1:
                run = half[y] if half else ()
                assert length(run) <= width
                line += plain(look.with_glyphs(run)).ljust(width)
        lines.append(line)
    lines += [plain(look.with_glyphs(frame.answer)), plain(look.with_glyphs(frame.keys))]
    assert len(lines) == height and max(map(len, lines)) <= cells
    return [line.rstrip() for line in lines]


def without(inventory: Inventory) -> Inventory:
    gone = fleet.uuid(domain_page.NAME)
    return replace(
        inventory,
        domains={uuid: one for uuid, one in inventory.domains.items() if uuid != gone},
    )


def changed(**more: Any) -> Callable[[Inventory], Inventory]:
    def change(inventory: Inventory) -> Inventory:
        uuid = fleet.uuid(domain_page.NAME)
        domain = replace(inventory.domains[uuid], **more)
        return replace(inventory, domains={**inventory.domains, uuid: domain})

    return change


@pytest.mark.parametrize("size", [(80, 24), WIDE, (200, 60)])
def test_page(golden: Golden, size: tuple[int, int]) -> None:
    view_state = view_state_of(size)
    golden(f"details-{size[0]}x{size[1]}", screen(view_state))


def test_second_page(golden: Golden) -> None:
    view_state = view_state_of((80, 24))
    screen(view_state)
    view_state.next_part()
    golden("details-second-80x24", screen(view_state))


def test_ascii(golden: Golden) -> None:
    lines = screen(view_state_of((80, 24)), RenderContext(ASCII, True, fleet.NOW, fleet.EPOCH))
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("width", [40, 53, 60, 79, 100, 119, 120, 159, 200, 250])
@pytest.mark.parametrize("height", [10, 15, 16, 24, 36, 48, 70])
def test_every_size_is_filled_exactly(width: int, height: int) -> None:
    view_state = view_state_of((width, height))
    screen(view_state)
    for _ in range(40):
        view_state.turn(to=True)
        view_state.move(1)
        screen(view_state)
    view_state.next_part()
    view_state.go(last=True)
    screen(view_state)


def test_what_suffers_is_yellow() -> None:
    frame = view_state_of().page(LOOK)
    warned = [run.text.strip() for line in (*frame.left, *frame.right) for run in line
              if run.role is Role.WARN]  # fmt: skip
    assert "nvme" in warned, "the pool that is nearly full"
    assert "6.8" in warned, "writes that take three times their usual"
    assert "3" in warned, "drops that grow"
    assert any(text.endswith("93%") for text in warned), "a filesystem that fills"
    assert {"31", "19", "10"} <= set(warned) and "9" not in warned, "steal from a tenth on"


def test_the_answer_says_why() -> None:
    view_state = view_state_of()
    answers = []
    screen(view_state)
    view_state.go(last=False)
    for _ in range(10):
        answers.append(plain(view_state.answer(LOOK)).strip())
        view_state.move(1)
    assert "disks  enter collapses it" in answers
    assert "vda  writes take 6.8 ms: pool nvme is 98 % full. 3 shows it" in answers
    assert "nic2  packets are being lost: 0 errors, 3 drops since it was plugged in" in answers
    assert "nic1  on bridge br-prod, by vnet3, 10.20.2.11" in answers
    view_state.next_part()
    assert "waits 31 % of the time" in plain(view_state.answer(LOOK))


def test_the_cursor_chooses_the_graph() -> None:
    view_state = view_state_of()
    assert " vda " in "\n".join(line[60:] for line in screen(view_state))
    view_state.go(last=False)
    lines = "\n".join(line[60:] for line in screen(view_state))
    assert " disk " in lines and " vda " not in lines


def test_folding() -> None:
    view_state = view_state_of()
    screen(view_state)
    assert "/srv/nvme/db.qcow2" not in "\n".join(screen(view_state))
    view_state.turn(to=True)
    assert "/srv/nvme/db.qcow2" in "\n".join(screen(view_state))
    view_state.move(1)
    view_state.turn(to=True)
    assert "ceph-vm/db" in "\n".join(screen(view_state))
    view_state.turn(to=False)
    screen(view_state)
    view_state.turn(to=False)
    assert "▌▼ disks" in "\n".join(screen(view_state)), "shut again, it goes to its group"
    view_state.turn()
    lines = "\n".join(screen(view_state))
    assert "▌► disks" in lines and "vda, vdb, sda" in lines


@pytest.mark.parametrize(
    ("host", "details", "crumb", "answer"),
    [
        (without, None, "× gone", "is gone from kvm01"),
        (fleet.silent, None, "running 63d 4h  42s old", "kvm01 has not answered for 42 s"),
        (changed(silent_at=fleet.NOW - 14), None, "? silent 14s", "D forces it off"),
        (changed(state=DomainState.SHUTOFF, id=None), None, "○ off", "it is off: this is its"),
        (changed(state=DomainState.CRASHED), None, "× crashed", "D ends it"),
        (changed(name="db-old-01"), None, "db-old-01   ● running 63d", "vda  writes take"),
        (lambda i: i, domain_page.aged(domain_page.details(), 30), "● running", "vda  "),
        (lambda i: i, replace(domain_page.details(), hung=True), "● running", "does not answer"),
    ],
    ids=["gone", "host", "guest", "off", "crashed", "renamed", "old", "hung"],
)
def test_what_is_amiss_is_said(
    host: Callable[[Inventory], Inventory],
    details: DomainDetails | None,
    crumb: str,
    answer: str,
    request: pytest.FixtureRequest,
) -> None:
    view_state = view_state_of(details=details, host=host)
    lines = screen(view_state)
    assert crumb in lines[1] and answer in lines[-2]
    assert any("nvme" in line for line in lines), "the definition stays"
    frame = view_state.page(LOOK)
    runs = [run for line in (*frame.left, *frame.right) for run in line]
    if request.node.callspec.id != "renamed":
        assert not any("6.8" in run.text and run.role is Role.WARN for run in runs)
    if "off" in crumb:
        assert not any("6.8" in run.text for run in runs), "what is off has no figures"


def test_before_anything_is_known() -> None:
    (domain,) = (d for d, _ in fleet.domains() if d.name == domain_page.NAME)
    lines = screen(view_state_of(details=DomainDetails(domain.key)))
    assert any("asking for its definition" in line for line in lines)
    refused = DomainDetails(domain.key, fault="its XML cannot be parsed")
    assert any(
        "its XML cannot be parsed" in line for line in screen(view_state_of(details=refused))
    )


def test_why_the_agent_tells_nothing() -> None:
    for why in ("no channel for it", "not running in the guest", "not asked: read-only"):
        told = replace(domain_page.details(), guest=None, guest_why=why)
        lines = screen(view_state_of(details=told))
        assert any(line.startswith(f" agent   {why}") for line in lines)
        assert any(f"agent: {why}" in line for line in lines)


def test_a_paused_guest_is_not_called_off() -> None:
    told = replace(domain_page.details(), guest=None, guest_why="paused")
    assert any("the guest is paused" in line for line in screen(view_state_of(details=told)))


def test_the_disk_that_paused_a_guest_is_named_with_its_cause() -> None:
    def pausing(inventory: Inventory) -> Inventory:
        found = {
            uuid: replace(domain, state=DomainState.PAUSED, reason="ioerror")
            for uuid, domain in inventory.domains.items()
            if domain.name == domain_page.NAME
        }
        return replace(inventory, domains={**inventory.domains, **found})

    errors = (("vda (/srv/a\x1b.qcow2)", "no space left on its storage"),)
    told = replace(domain_page.details(), disk_errors=errors)
    lines = screen(view_state_of((200, 60), told, pausing))
    (line,) = [line for line in lines if "no space left" in line]
    assert "paused itself, vda (/srv/a" in line and "\x1b" not in line
    assert "then s resumes it" in line
