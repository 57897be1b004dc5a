from __future__ import annotations

import shlex
from typing import Any

import pytest
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.actions.action import Action, ConfirmWhen, HelpSection
from virttui.actions.registry import ACTIONS, BY_ID, action_for_key
from virttui.actions.target import ActionContext, ActionTarget
from virttui.model.commands import (
    ApplyWhen,
    Arguments,
    Command,
    DefineArguments,
    DeleteDomainArguments,
    JobArguments,
    LiveChange,
    LiveOperation,
    RenameArguments,
    StartArguments,
    Target,
    Verb,
)
from virttui.model.documents import Document
from virttui.model.domains.disk_jobs import DiskJob
from virttui.model.domains.jobs import Job
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, Domain, DomainState, HostState, Network, Pool
from virttui.model.provision.plan import (
    CreatedResource,
    IncompleteDomain,
    ProvisionPlan,
    ResourceKind,
)
from virttui.model.tasks import TaskState
from virttui.model.volumes import NewVolume, VolumeOperation
from virttui.panes.action_plan import command, plan
from virttui.panes.virsh_equivalent import virsh, virsh_info

HOST = fleet.inventory("kvm01").host


def subject(name: str = "gitlab", host: HostState = HOST, **changes: Any) -> ActionTarget:
    domain = next(d for d, _ in fleet.domains() if d.name == name)
    domain = replace(domain, **changes)
    return ActionTarget(Kind.DOMAIN, domain.key, domain.name, host, domain)


def at(*subjects: ActionTarget, pane: str = "domains", **more: Any) -> ActionContext:
    return ActionContext(pane, subjects, rows=True, **more)


def why_not(id: str, *subjects: ActionTarget) -> str:
    return BY_ID[id].why_not(at(*subjects))


OFF: dict[str, Any] = {"state": DomainState.SHUTOFF, "id": None}


@pytest.mark.parametrize(
    ("id", "changes", "reason"),
    [
        ("start", {}, "gitlab is already running"),
        ("start", OFF, ""),
        ("start", {"state": DomainState.PAUSED}, ""),
        ("start", {"state": DomainState.PMSUSPENDED}, "gitlab is asleep; only its guest wakes it"),
        ("start", {"state": DomainState.CRASHED},
         "gitlab crashed, still in memory. D ends it, then start it"),
        ("shutdown", {}, ""),
        ("shutdown", OFF, "gitlab is off"),
        ("shutdown", {"state": DomainState.PAUSED}, "gitlab is paused and cannot answer"),
        ("shutdown", {"silent_at": 1.0}, "gitlab does not answer; D forces it off"),
        ("force-off", {"silent_at": 1.0}, ""),
        ("force-off", OFF, "gitlab is off"),
        ("force-off", {"state": DomainState.CRASHED}, ""),
        ("reset", {"state": DomainState.PAUSED}, ""),
        ("nmi", {}, ""),
        ("nmi", OFF, "gitlab is off"),
        ("nmi", {"os_type": "exe"}, "gitlab is a container and takes no NMI"),
        ("pause", OFF, "gitlab is off"),
        ("pause", {"state": DomainState.PAUSED}, ""),
        ("save", {"persistent": False}, "gitlab is gone once it stops"),
        ("autostart", {"persistent": False}, "gitlab is transient: no definition stores it"),
        ("rename", {}, "only when off: gitlab is running"),
        ("rename", OFF, ""),
        ("delete", OFF, ""),
        ("archive", {}, "only when off: gitlab is running"),
        ("archive", OFF, ""),
        ("console", OFF, ""),
        ("console", {}, ""),
    ],
)  # fmt: skip
def test_why_a_key_is_refused(id: str, changes: dict[str, Any], reason: str) -> None:
    assert why_not(id, subject(**changes)) == reason


@pytest.mark.parametrize(
    "action", [a for a in ACTIONS if a.place is HelpSection.OBJECT and Kind.DOMAIN in a.kinds],
    ids=lambda action: action.id,
)  # fmt: skip
def test_nothing_is_asked_of_a_host_that_does_not_answer(action: Action) -> None:
    silent = replace(HOST, phase=ConnectionState.SILENT)
    id = action.id
    # Logs are files: they are read while their host's daemon is down, too.
    reason = "" if id == "logs" else "kvm01 does not answer"
    assert why_not(id, subject(host=silent)) == reason


@pytest.mark.parametrize(
    "action", [a for a in ACTIONS if a.place is HelpSection.OBJECT], ids=lambda action: action.id
)
def test_a_read_only_run_refuses_every_change(action: Action) -> None:
    id = action.id
    situation = at(subject(**OFF), read_only=True)
    only_looks = id in ("logs", "xml", "screen", "snapshots")
    assert BY_ID[id].why_not(situation) == ("" if only_looks else "this run is read-only")


def test_a_task_at_work_bars_everything_but_force_off() -> None:
    task = fleet.task(1, Verb.SHUTDOWN, "gitlab", TaskState.RUNNING, 3)
    busy = replace(subject(), task=task)
    assert why_not("pause", busy) == "shut down is running on gitlab"
    assert why_not("force-off", busy) == ""
    forced = replace(subject(), task=replace(task, command=command(subject(), Verb.FORCE_OFF)))
    assert why_not("force-off", forced) == "force off is running on gitlab"


def test_a_key_means_what_its_pane_says() -> None:
    assert action_for_key("r", at(subject())) is BY_ID["rename"]
    assert action_for_key("r", ActionContext("tasks")) is BY_ID["retry"]
    assert action_for_key("S", at(subject())) is BY_ID["shutdown"]
    assert action_for_key("S", ActionContext("networks")) is BY_ID["stop"]
    assert action_for_key("D", ActionContext("networks")) is None
    assert action_for_key("enter", at(subject())) is BY_ID["open"]
    assert action_for_key("space", at(subject())) is BY_ID["mark"]
    assert action_for_key("space", at(subject(), pane="details")) is BY_ID["fold"]
    assert action_for_key("x", at(subject())) is BY_ID["xml"]
    assert action_for_key("n", at(subject())) is BY_ID["create"]
    assert action_for_key("i", at(subject())) is BY_ID["import"]
    assert action_for_key("A", at(subject())) is BY_ID["archive"]


def test_no_key_means_two_things_in_one_place() -> None:
    situations = [
        at(subject()),
        at(subject(), pane="details"),
        at(network(), pane="networks"),
        ActionContext("hosts"),
        ActionContext("tasks"),
        ActionContext("events"),
    ]
    for situation in situations:
        keys = [key for action in ACTIONS if action.fits(situation) for key in action.keys]
        assert sorted(keys) == sorted(set(keys)), situation.pane


def network() -> ActionTarget:
    one = next(iter(fleet.inventory("kvm01").networks.values()))
    return ActionTarget(Kind.NETWORK, one.key, one.name, HOST, one)


def test_networks_and_pools_start_and_stop() -> None:
    assert isinstance(network().thing, Network)
    assert why_not("start", network()) == "default is already active"
    assert why_not("stop", network()) == ""
    pool = next(iter(fleet.inventory("kvm01").pools.values()))
    held = ActionTarget(Kind.POOL, pool.key, pool.name, HOST, pool)
    assert isinstance(held.thing, Pool)
    assert plan(BY_ID["stop"], at(held, pane="storage")).commands[0].verb is Verb.STOP


# -- plans -------------------------------------------------------------------------------------


def test_start_resumes_what_is_paused() -> None:
    made = plan(BY_ID["start"], at(subject(state=DomainState.PAUSED)))
    assert [c.verb for c in made.commands] == [Verb.RESUME]


def test_those_that_cannot_are_left_out_with_the_reason() -> None:
    paused = subject("web-01", state=DomainState.PAUSED)
    made = plan(BY_ID["shutdown"], at(subject(), paused, marked=True))
    assert [c.target.name for c in made.commands] == ["gitlab"]
    assert made.left_out == ((paused, "web-01 is paused and cannot answer"),)
    assert made.needs_confirmation


def test_several_are_turned_the_same_way() -> None:
    on, off = subject(autostart=True), subject("web-01", autostart=False)
    mixed = plan(BY_ID["autostart"], at(on, off, marked=True))
    assert [(c.verb, c.target.name) for c in mixed.commands] == [(Verb.AUTOSTART_ON, "web-01")]
    assert [s.name for s, _ in mixed.left_out] == ["gitlab"]
    both = plan(BY_ID["autostart"], at(on, subject("web-01", autostart=True), marked=True))
    assert {c.verb for c in both.commands} == {Verb.AUTOSTART_OFF}


def test_what_is_left_out_by_hand_is_not_done() -> None:
    made = plan(BY_ID["shutdown"], at(subject(), subject("web-01"), marked=True))
    kept = made.without(frozenset({subject("web-01").key}))
    assert [c.target.name for c in kept.commands] == ["gitlab"]


@pytest.mark.parametrize("id", ["start", "shutdown", "pause", "save", "autostart"])
def test_gentle_keys_act_at_once_on_one_and_ask_for_several(id: str) -> None:
    assert BY_ID[id].confirm_when is ConfirmWhen.BULK


@pytest.mark.parametrize("id", ["force-off", "reboot", "reset", "nmi", "delete", "stop"])
def test_what_loses_work_always_asks(id: str) -> None:
    assert BY_ID[id].confirm_when is ConfirmWhen.ALWAYS
    assert BY_ID[id].consequence


# -- by hand -----------------------------------------------------------------------------------


def test_virsh_lines_are_quoted() -> None:
    target = Target(Kind.DOMAIN, subject().key, "web; rm -rf /")
    line = virsh(Command(Verb.FORCE_OFF, target), "qemu:///system")
    assert line == "virsh -c qemu:///system destroy 'web; rm -rf /'"


def test_virsh_lines_by_kind() -> None:
    pool = Target(Kind.POOL, subject().key, "iso")
    assert virsh(Command(Verb.STOP, pool), "u").endswith("pool-destroy iso")
    assert virsh(Command(Verb.AUTOSTART_OFF, pool), "u").endswith("pool-autostart iso --disable")
    target = Target(Kind.DOMAIN, subject().key, "a")
    arguments = DeleteDomainArguments(
        ("/x", "/y"), with_nvram=True, with_saved=True, with_snapshots=True
    )
    delete = Command(Verb.DELETE, target, arguments)
    assert virsh(delete, "u") == (
        "virsh -c u undefine a --managed-save --nvram --snapshots-metadata --storage /x,/y"
    )
    attached = StartArguments(attach_consoles=True)
    assert virsh(Command(Verb.START, target, attached), "u").endswith("start a --console")
    assert virsh(Command(Verb.START, target, StartArguments()), "u").endswith("start a")
    assert virsh(Command(Verb.RENAME, target, RenameArguments("b")), "u").endswith("domrename a b")


def test_objects_are_shown_by_one_line() -> None:
    assert virsh_info(subject()) == f"virsh -c {HOST.uri} dominfo gitlab"
    assert virsh_info(network()).endswith("net-info default")


@pytest.mark.parametrize(
    ("kind", "part", "line"),
    [
        (Kind.DOMAIN, "", "virsh -c u define a_b.xml --validate"),
        (Kind.NETWORK, "", "virsh -c u net-define a_b.xml --validate"),
        (Kind.NWFILTER, "", "virsh -c u nwfilter-define a_b.xml --validate"),
        (Kind.INTERFACE, "", "virsh -c u iface-define a_b.xml --validate"),
        (Kind.SAVED_IMAGE, "", "virsh -c u managedsave-define ID a_b.xml"),
        (Kind.SNAPSHOT, "a/b", "virsh -c u snapshot-create ID a_b.xml --redefine --validate"),
    ],
)
def test_a_definition_has_its_virsh_line(kind: Kind, part: str, line: str) -> None:
    document = Document(kind, ObjectId("kvm01", "ID"), "a/b", part)
    target = Target(kind, document.key, "a/b")
    assert virsh(Command(Verb.DEFINE, target, DefineArguments(document)), "u") == line
    bare = virsh(Command(Verb.DEFINE, target, DefineArguments(document, validate=False)), "u")
    assert bare == line.replace(" --validate", "")


def test_steps_have_their_virsh_lines() -> None:
    document = Document(Kind.DOMAIN, ObjectId("kvm01", "ID"), "a")
    steps = (
        LiveChange(LiveOperation.DETACH, "disk vdb", "<disk/>"),
        LiveChange(LiveOperation.MEMORY, "memory", value="1048576"),
        LiveChange(LiveOperation.VCPUS, "vCPUs", value="2"),
        LiveChange(LiveOperation.TITLE, "title", value="two words"),
        LiveChange(LiveOperation.DESCRIPTION, "description", value="x"),
    )
    target = Target(Kind.DOMAIN, document.key, "a")
    command = Command(
        Verb.DEFINE, target, DefineArguments(document, steps=steps, when=ApplyWhen.LIVE)
    )
    assert virsh(command, "u").split(" && ") == [
        "virsh -c u detach-device a disk-vdb.xml --live",
        "virsh -c u setmem a 1048576b --live",
        "virsh -c u setvcpus a 2 --live",
        "virsh -c u desc a --live --title --new-desc 'two words'",
        "virsh -c u desc a --live --new-desc x",
    ]
    definition = DefineArguments(document, steps=steps[:1], when=ApplyWhen.BOTH)
    both = virsh(Command(Verb.DEFINE, target, definition), "u")
    assert both == (
        "virsh -c u define a.xml --validate && virsh -c u detach-device a disk-vdb.xml --live"
    )


def test_every_verb_has_a_virsh_line() -> None:
    target = Target(Kind.DOMAIN, subject().key, "a")
    work = VolumeOperation(target.key, "default")
    for verb in Verb:
        arguments: Arguments | None = None
        if verb.transfer or verb in (Verb.CREATE, Verb.RESIZE, Verb.CLONE, Verb.WIPE):
            arguments = work
        elif verb.block_job:
            arguments = DiskJob("vda", ("/a", "/b"), base=1)
        elif verb is Verb.PROVISION:
            arguments = ProvisionPlan("a", "<domain/>")
        elif verb is Verb.REMOVE_INCOMPLETE:
            piece = CreatedResource(ResourceKind.VOLUME, "v", "p", "default")
            arguments = IncompleteDomain("j", target.key, "a", 0.0, (piece,))
        made = Command(verb, target, arguments)
        assert virsh(made, "u").startswith("virsh -c u ")


@pytest.mark.parametrize(
    ("verb", "work", "line"),
    [
        (Verb.RESIZE, DiskJob("vda", capacity=1024), "blockresize a vda 1024b"),
        (Verb.BLOCK_COPY, DiskJob("vda", new=NewVolume("v", 1), limit=9),
         "blockcopy a vda --xml v.xml --reuse-external --transient-job --bytes --bandwidth 9 "
         "--wait --pivot"),
        (Verb.BLOCK_COMMIT, DiskJob("vda", ("/a", "/b"), base=1),
         "blockcommit a vda --base /b --active --pivot --wait"),
        (Verb.BLOCK_COMMIT, DiskJob("vda", ("/a", "/b", "/c"), top=1, base=2),
         "blockcommit a vda --base /c --top /b --wait"),
        (Verb.BLOCK_PULL, DiskJob("vda", ("/a", "/b"), base=2), "blockpull a vda --wait"),
        (Verb.BLOCK_PULL, DiskJob("vda", ("/a", "/b", "/c"), base=2),
         "blockpull a vda --base /c --wait"),
    ],
)  # fmt: skip
def test_work_on_disks_has_a_virsh_line(verb: Verb, work: DiskJob, line: str) -> None:
    target = Target(Kind.DOMAIN, subject().key, "a")
    assert virsh(Command(verb, target, work), "u") == f"virsh -c u {line}"


def test_the_end_of_a_copy_has_a_virsh_line() -> None:
    target = Target(Kind.DOMAIN, subject().key, "a")
    made = Command(Verb.FINISH_JOB, target, JobArguments("vda", "copy"))
    assert virsh(made, "u") == "virsh -c u blockjob a vda --pivot"


def test_subjects_know_what_they_are() -> None:
    assert isinstance(subject().domain, Domain)
    with pytest.raises(TypeError):
        network().domain  # noqa: B018 - the reading is what fails


@pytest.mark.parametrize(
    ("verb", "work", "line"),
    [
        (Verb.CREATE, {"new": NewVolume("v", 1024, "qcow2", 0, True)},
         "vol-create-as default v 1024 --format qcow2 --allocation 0 --prealloc-metadata"),
        (Verb.CREATE, {"new": NewVolume("v", 1024, "qcow2", 0, backing="/b", backing_format="raw")},
         "vol-create-as default v 1024 --format qcow2 --allocation 0 --backing-vol /b "
         "--backing-vol-format raw"),
        (Verb.RESIZE, {"capacity": 2048}, "vol-resize v 2048 --pool default"),
        (Verb.RESIZE, {"capacity": 512, "allow_shrink": True},
         "vol-resize v 512 --pool default --shrink"),
        (Verb.RESIZE, {"capacity": 2048, "running_domain": "web"}, "blockresize web /srv/v 2048b"),
        (Verb.UPLOAD, {"file": "/x y"}, "vol-upload v '/x y' --pool default --sparse"),
        (Verb.CLONE, {"new": NewVolume("w", 1, "raw")}, "vol-clone v w --pool default"),
        (Verb.CLONE, {"new": NewVolume("w", 1), "target_pool": ObjectId("kvm01", "p"),
              "target_pool_name": "fast"},
         "vol-create-from fast w.xml v --inputpool default"),
        (Verb.WIPE, {}, "vol-wipe v --pool default"),
        (Verb.DELETE, {}, "vol-delete v --pool default"),
    ],
)  # fmt: skip
def test_what_does_the_same_to_a_volume(verb: Verb, work: dict[str, Any], line: str) -> None:
    pool = ObjectId("kvm01", "pool")
    volume = VolumeOperation(pool, "default", **work)
    command = Command(verb, Target(Kind.VOLUME, ObjectId("kvm01", "/srv/v"), "v"), volume)
    assert virsh(command, "u") == f"virsh -c u {line}"


@pytest.mark.parametrize(
    ("job", "why"),
    [
        (None, "only a disk copy"),
        (Job(subject().key, "a", "migrate", progress=1.0), "only a disk copy"),
        (Job(subject().key, "a", "copy", "vda", progress=0.5), "not ready yet"),
        (Job(subject().key, "a", "copy", "vda", progress=1.0), ""),
        (Job(subject().key, "a", "commit", "vda", progress=1.0), ""),
    ],
)
def test_only_a_whole_copy_of_others_can_be_finished(job: Job | None, why: str) -> None:
    reason = BY_ID["finish-job"].why_not(ActionContext("tasks", job=job, rows=True))
    assert (why in reason) if why else not reason
    if not why:
        assert BY_ID["finish-job"].why_not(ActionContext("tasks", job=job, read_only=True))


def test_a_name_that_begins_with_a_dash_is_no_option() -> None:
    key, pool = ObjectId("kvm01", "ID"), ObjectId("kvm01", "P")
    new = NewVolume("-new", 1024, "raw", 0)
    work = VolumeOperation(pool, "default", new=new, target_pool_name="default on kvm02")
    volume = Target(Kind.VOLUME, pool, "-vol")
    lines = [
        virsh(Command(Verb.RENAME, Target(Kind.DOMAIN, key, "a"), RenameArguments("-b")), "u"),
        *(virsh(Command(verb, volume, work), "u") for verb in (Verb.COPY_TO_HOST, Verb.CLONE)),
        virsh(Command(Verb.DELETE_POOL_TARGET, volume, replace(work, new=None)), "u"),
    ]
    for line in lines:
        for word in shlex.split(line):
            assert not word.startswith(("-new", "-vol", "-b")), line
