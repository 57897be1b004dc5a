"""The menu of a guest's agent: what each action would do, and why it cannot be done."""

from __future__ import annotations

from msgspec.structs import replace

from virttui.model.domains.details import GuestAgentInfo, GuestFilesystem
from virttui.model.domains.guest_agent import GuestAgentReport, GuestClock, TrimEstimate
from virttui.model.identity import ObjectId
from virttui.panes.guest_agent.menu import AskedGuest, entries, facts, facts_page, footer
from virttui.panes.guest_agent.users import key_error, user_error
from virttui.render.line import plain

INFO = GuestAgentInfo(
    0.0,
    os="Debian GNU/Linux 12",
    kernel="6.1.0",
    hostname="web-03",
    users=(("root", 0.0),),
    disks=(GuestFilesystem("/", "ext4", 10 << 30, 4 << 30, ("vda",)),),
)
ANSWERS = GuestAgentReport(
    took=0.012,
    info=INFO,
    clock=GuestClock(-0.4, 0.01),
    trim=TrimEstimate(("vda",), 10 << 30, 4 << 30),
    keys=1,
)
ONE = AskedGuest(ObjectId("h", "u"), "web-03", ANSWERS)


def said(guest: AskedGuest, *others: AskedGuest) -> dict[str, str]:
    return {str(one.value): one.why_not or one.note for one in entries((guest, *others))}


def reasons(guest: AskedGuest) -> dict[str, str]:
    return {str(one.value): one.why_not for one in entries((guest,))}


def test_each_action_says_what_it_would_do() -> None:
    told = said(ONE)
    assert told["trim"] == "gives back 6.0G of vda at most"
    assert told["guest-time"] == "its clock is 0.4 s behind this computer's"
    assert told["ssh-keys"] == "for a user: 1 there for root"
    assert told["let-go"] == "nothing is held now"
    assert [id for id, why in reasons(ONE).items() if why] == ["let-go"]


def test_what_is_not_told_is_not_claimed() -> None:
    trim = replace(ANSWERS, trim=TrimEstimate(("vda",), 10 << 30, None), clock=None, keys=None)
    told = said(replace(ONE, report=replace(trim, keys_why="failed to lookup user 'root'")))
    assert told["trim"] == "what comes back is known afterwards"
    assert told["guest-time"] == "no clock is told"
    assert told["ssh-keys"] == "failed to lookup user 'root'"
    none = replace(ONE, report=replace(ANSWERS, trim=TrimEstimate()))
    assert said(none)["trim"] == "its disks pass no discard on: nothing comes back"


def test_a_clock_within_the_error_of_the_question_is_right() -> None:
    exact = replace(ONE, report=replace(ANSWERS, clock=GuestClock(0.3, 0.4)))
    assert said(exact)["guest-time"] == "its clock is right to 0.40 s"


def test_a_held_guest_can_only_be_let_go() -> None:
    held = replace(ONE, report=GuestAgentReport(took=0.01, is_frozen=True), frozen_since=0.0)
    why = reasons(held)
    assert [id for id, reason in why.items() if not reason] == ["let-go", "ssh"]
    assert why["hold-writes"] == "its writes are held already"
    foreign = replace(held, frozen_since=None)
    assert said(foreign)["let-go"] == "thaws them; held by another program"


def test_a_silent_agent_is_named_and_nothing_is_offered() -> None:
    why = "its agent has not answered for 5 s"
    silent = replace(ONE, report=GuestAgentReport(why_not=why, is_silent=True))
    assert {why for id, why in reasons(silent).items() if id != "ssh"} == {"no agent answers"}
    assert why in plain(facts((silent,), 60)[0])
    assert "let go after 60 s" in footer((silent,))
    held = replace(silent, frozen_since=0.0)
    assert footer((held,)) == "held writes are let go by D at the latest"


def test_a_login_by_ssh_needs_no_agent_and_one_guest() -> None:
    silent = replace(ONE, report=GuestAgentReport(why_not="it is off", is_silent=True))
    assert reasons(silent)["ssh"] == ""
    assert reasons(replace(silent, no_login="web-03 is off"))["ssh"] == "web-03 is off"
    assert said(ONE, silent)["ssh"] == "one guest at a time"


def test_several_guests_are_counted() -> None:
    silent = AskedGuest(ObjectId("h", "v"), "db-01", why_not="db-01 is off")
    assert said(ONE, silent)["trim"] == "gives back 6.0G of vda at most; not 1 of 2"
    lines = [plain(line) for line in facts((ONE, silent), 60)]
    assert lines == [" agents     1 of 2 answer", " not        db-01: db-01 is off"]


def test_all_it_tells_is_made_visible() -> None:
    evil = replace(INFO, hostname="a\x1b[31mb", nics=None)
    lines = facts_page(replace(ONE, report=replace(ANSWERS, info=evil)))
    assert not any("\x1b" in line for line in lines)
    assert "load        not told by this libvirt or agent" in lines
    assert any("/" in line and "4.0G of  10.0G" in line and "vda" in line for line in lines), lines


def test_names_of_users_and_keys_are_checked() -> None:
    assert user_error("root") == ""
    for wrong in ("", "-rf", "a:b", "a\nb", " root"):
        assert user_error(wrong), wrong
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5oMZ1bXh1M6Bv1F0b8s5J4y4cN6s6n6v7h8Qw9Xz1k me"
    assert key_error(key) == ""
    for wrong in ("ssh-ed25519", "AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----", f"{key}\n{key}"):
        assert key_error(wrong), wrong
