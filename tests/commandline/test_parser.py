from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import fleet
from virttui.actions.target import ActionContext, ActionTarget
from virttui.commandline.parsed import (
    ActionCommand,
    ConsoleCommand,
    ExportCommand,
    GotoCommand,
    LineCommand,
    ParseResult,
    VirshLine,
)
from virttui.commandline.parser import read
from virttui.commandline.tokenizer import quoted, split
from virttui.commandline.virsh import VirshCommand, catalogue
from virttui.model.commands import Verb
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import Inventory
from virttui.model.queries import VolumesQuery, VolumesResult
from virttui.store.fleet_state import FleetState, FleetStore


def fleet_state(*more: Inventory) -> FleetState:
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in (*fleet.inventories(), *more):
        store.apply_inventory(inventory)
    return store.fleet_state(fleet.NOW, fleet.EPOCH)


FLEET_STATE = fleet_state()
HOST = fleet.inventory("kvm01").host
HERE = ActionContext(
    "domains",
    (ActionTarget(Kind.DOMAIN, fleet.key("gitlab"), "gitlab", HOST,
             FLEET_STATE.domain(fleet.key("gitlab"))),),
    rows=True,
)  # fmt: skip
KNOWN = (
    VirshCommand("dominfo", "domain information", Kind.DOMAIN),
    VirshCommand("nodeinfo", "", None),
)


def reading(line: str, of: FleetState = FLEET_STATE) -> ParseResult:
    return read(line, HERE, of, ["cpu", "name"], KNOWN, "kvm01")


def names(line: str, of: FleetState = FLEET_STATE) -> list[str]:
    intent = reading(line, of).intent
    assert isinstance(intent, ActionCommand), reading(line, of)
    return [target.name for target in intent.targets]


def choices(line: str) -> list[str]:
    return [entry.words for entry in reading(line).choices]


# -- words -------------------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1).filter(lambda text: text.isprintable()), max_size=4))
def test_what_is_quoted_is_read_back(words: list[str]) -> None:
    line = " ".join(quoted(word) for word in words)
    assert [word.text for word in split(line + " ")] == [*words, ""]


def test_a_quote_without_an_end_reaches_to_the_end() -> None:
    assert [word.text for word in split("a 'b c")] == ["a", "b c"]


# -- actions -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "verb", "targets"),
    [
        ("start old-wiki", "start", ["old-wiki"]),
        ("shutdown web-01 db-primary-01", "shutdown", ["web-01", "db-primary-01"]),
        ("shut down web-01", "shutdown", ["web-01"]),
        ("Force Off gitlab", "force-off", ["gitlab"]),
        ("force-off gitlab", "force-off", ["gitlab"]),
        ("reset web-* web-01", "reset", ["web-01", "web-02", "web-03"]),
        ("reset kvm02/web-*", "reset", ["web-02", "web-03"]),
        ("reset kvm01/web-01", "reset", ["web-01"]),
        ("delete 'old-wiki'", "delete", ["old-wiki"]),
        ("stop net br-prod", "stop", ["br-prod"]),
        ("stop pool nvme", "stop", ["nvme"]),
        ("stop nvme", "stop", ["nvme"]),
        ("save gitlab", "save", ["gitlab"]),
    ],
)
def test_actions_are_read_with_their_targets(line: str, verb: str, targets: list[str]) -> None:
    intent = reading(line).intent
    assert isinstance(intent, ActionCommand)
    assert intent.action.id == verb
    assert [target.name for target in intent.targets] == targets


def test_a_uuid_names_its_domain() -> None:
    assert names(f"start {fleet.uuid('old-wiki')}") == ["old-wiki"]


def test_without_targets_it_is_for_the_selection() -> None:
    assert reading("shutdown ").intent == LineCommand("shutdown")


@pytest.mark.parametrize(("line", "verb"), [("pause", Verb.PAUSE), ("resume ", Verb.RESUME)])
def test_a_word_that_says_which_way_is_not_turned_round(line: str, verb: Verb) -> None:
    intent = reading(line).intent
    assert isinstance(intent, ActionCommand)
    assert (intent.action.id, intent.verb, len(intent.targets)) == ("pause", verb, 1)


@pytest.mark.parametrize(
    ("line", "verb"),
    [
        ("autostart gitlab", None),
        ("autostart --off gitlab", Verb.AUTOSTART_OFF),
        ("autostart gitlab --on", Verb.AUTOSTART_ON),
        ("autostart --on", Verb.AUTOSTART_ON),
        ("pause gitlab", Verb.PAUSE),
        ("resume gitlab", Verb.RESUME),
    ],
)
def test_words_that_say_which_way(line: str, verb: Verb | None) -> None:
    intent = reading(line).intent
    assert isinstance(intent, ActionCommand) and intent.verb is verb
    assert [target.name for target in intent.targets] == ["gitlab"]


def test_rename_takes_the_new_name() -> None:
    intent = reading("rename old-wiki new-wiki").intent
    assert isinstance(intent, ActionCommand)
    assert (intent.targets[0].name, intent.new_name) == ("old-wiki", "new-wiki")
    assert reading("rename a-b ").error == "no domain is called a-b"
    assert reading("rename old-wiki a b").error == "rename needs a name and a new name"


@pytest.mark.parametrize(
    ("line", "error", "word"),
    [
        ("start web-9", "no domain, network or pool is called web-9", "web-9"),
        ("force off web-9", "no domain is called web-9", "web-9"),
        ("force off web-9 gitlab", "no domain is called web-9", "web-9"),
        ("force off zz-*", "no domain is like zz-*", "zz-*"),
        ("force off 'web-*'", "no domain is called web-*", "web-*"),
        ("stop web-01", "no network or pool is called web-01", "web-01"),
        ("stop net nvme", "no network is called nvme", "nvme"),
        ("console web-01 web-02", "console: one at a time", ""),
        ("start old-wiki lab", "one kind at a time: domains, networks or pools", ""),
    ],
)
def test_what_is_wrong_is_told_with_its_word(line: str, error: str, word: str) -> None:
    found = reading(line)
    assert (found.error, found.word, found.intent) == (error, word, None)


def test_a_name_of_several_hosts_wants_its_host() -> None:
    assert reading("stop net default").error == ("default is on kvm01 and kvm02: say kvm01/default")
    assert names("stop net kvm02/default") == ["default"]


def test_a_name_of_several_kinds_wants_its_kind() -> None:
    inventory = fleet.small("edge1", ["twin"])
    net = next(iter(fleet.inventory("kvm01").networks.values()))
    twin = replace(net, key=ObjectId("edge1", "net-twin"), name="twin")
    of = fleet_state(replace(inventory, networks={"net-twin": twin}))
    found = reading("start twin", of)
    assert found.error == "there is a domain and network called twin: say network twin"
    assert names("start network twin", of) == ["twin"]
    shown = [entry.value for entry in read("start twi", HERE, of).choices]
    assert shown == ["domain twin", "net twin"]


# -- completion --------------------------------------------------------------------------------


def test_names_are_completed_one_by_one() -> None:
    assert choices("shutdown web")[:3] == ["web-01", "web-02", "web-03"]
    assert reading("shutdown web").partial
    assert choices("shutdown web-01 web") == ["web-02", "web-03"]
    assert reading("shutdown web-01 web").start == len("shutdown web-01 ")


def test_what_only_holds_the_letters_comes_later() -> None:
    assert choices("reset 01")[0].endswith("-01")
    assert choices("reset wiki") == ["wiki", "old-wiki"]


def test_hosts_are_named_where_names_clash_or_are_asked_for() -> None:
    assert choices("stop net def") == ["kvm01/default", "kvm02/default"]
    assert choices("reset kvm02/web") == ["kvm02/web-02", "kvm02/web-03"]


def test_options_and_kinds_are_completed() -> None:
    assert choices("autostart --o") == ["--on", "--off"]
    assert "pool" in choices("start po")


def test_a_command_is_found_by_its_words() -> None:
    found = reading("shut")
    assert found.whole and found.choices[0].words == "shut down"
    assert reading("sort cpu").intent == LineCommand("sort cpu")
    assert reading("q").intent == LineCommand("quit")
    assert reading("nonsense").error == "no command is called nonsense"


def test_go_goes_to_a_name() -> None:
    intent = reading("go web-02").intent
    assert isinstance(intent, GotoCommand) and intent.target.key == fleet.key("web-02")
    assert reading("go web-9").error == "no domain, network or pool is called web-9"


# -- export ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "intent"),
    [
        ("export out.csv", ExportCommand("out.csv")),
        ("export 'my out' jsonl", ExportCommand("my out", "jsonl")),
        ("export history ~/t.jsonl", ExportCommand("~/t.jsonl", history=True)),
        ("export 'history' csv", ExportCommand("history", "csv")),
    ],
)
def test_exports_are_read(line: str, intent: ExportCommand) -> None:
    assert reading(line).intent == intent


@pytest.mark.parametrize("line", ["export ", "export out", "export out.csv xml", "export history "])
def test_exports_that_lack_something(line: str) -> None:
    assert reading(line).intent is None and reading(line).error


# -- virsh -------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["virsh dominfo web-01", "!dominfo web-01", "! dominfo 'web-01'"])
def test_virsh_lines_become_arguments(line: str) -> None:
    intent = reading(line).intent
    assert isinstance(intent, VirshLine) and intent.call.arguments == ("dominfo", "web-01")


def test_virsh_is_completed_for_the_selected_host() -> None:
    assert choices("virsh domi") == ["dominfo"]
    assert choices("virsh dominfo web") == ["web-01"]
    assert choices("virsh nodeinfo ") == []
    assert reading("virsh no-such x").error == "the virsh installed here has no command no-such"


@given(st.text(max_size=40))
def test_no_line_breaks_the_reading(line: str) -> None:
    for begin in ("", "start ", "virsh ", "export ", "go ", "rename ", "autostart "):
        reading(begin + line)


def test_the_catalogue_is_read_from_virsh_help() -> None:
    told = (
        "Grouped commands:\n\n Networking (help keyword 'network'):\n"
        "    net-info                       network information\n\n"
        " Host and Hypervisor (help keyword 'host'):\n    nodeinfo    node information\n"
    )
    assert catalogue(told) == (
        VirshCommand("net-info", "network information", Kind.NETWORK),
        VirshCommand("nodeinfo", "node information", None),
    )


# -- values and paths --------------------------------------------------------------------------


def test_networks_bridges_and_link_are_completed() -> None:
    there = FLEET_STATE.inventories["kvm01"].networks.values()
    assert set(choices("set nic1 network ")) == {one.name for one in there}
    assert choices("set nic1 network def")[0] == "default"
    assert choices("set nic1 link ") == ["up", "down"]


def test_images_are_completed_once_their_volumes_are_known() -> None:
    assert "none" in choices("set sda media ")
    store = FleetStore(fleet.SPECS, fleet.NOW)
    for inventory in fleet.inventories():
        store.apply_inventory(inventory)
    pool = ObjectId("kvm01", "pool-default")
    query = VolumesQuery(pool, serial=1)
    store.apply_query_result(VolumesResult(query, volumes=fleet.volumes()))
    known = reading("set sda media ", store.fleet_state(fleet.NOW, fleet.EPOCH))
    assert "default/seed-web-01.iso" in [entry.words for entry in known.choices]


def test_paths_are_completed_where_a_file_is_wanted() -> None:
    asked: list[str] = []

    def paths(typed: str) -> tuple[str, ...]:
        asked.append(typed)
        return (f"{typed}p.img", f"{typed}p two.img")

    for line in ("import /tmp/u", "archive /tmp/u", "archive gitlab /tmp/u", "export /tmp/u"):
        found = read(line, HERE, FLEET_STATE, paths=paths)
        assert [entry.value for entry in found.choices] == ["/tmp/up.img", "'/tmp/up two.img'"]
        assert found.path == "/tmp/u" and line[found.start :] == "/tmp/u"
    assert asked == ["/tmp/u"] * 4
    assert not read("go /tmp/u", HERE, FLEET_STATE, paths=paths).path


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("snap", ":snapshot NAME takes one"),
        ("eject", ":set sda media none"),
        ("send-key", ":keys ctrl+alt+del on NAME"),
        ("screenshot", "v shows the screen"),
        ("migrate", ":virsh migrate"),
        ("vcpus 2", ":set vcpus VALUE"),
        ("dominfo gitlab", ":virsh dominfo gitlab"),
        ("documents gitlab", "takes no arguments"),
    ],
)
def test_words_that_are_no_commands_say_where_it_is_done(line: str, said: str) -> None:
    found = reading(line)
    assert said in found.error and found.intent is None, found


@pytest.mark.parametrize(
    ("line", "device", "take"),
    [
        ("console web-01 hvc0", "hvc0", False),
        ("console --take web-01", "", True),
        ("console web-01 --take serial0", "serial0", True),
    ],
)
def test_a_console_is_named_by_its_domain_and_device(line: str, device: str, take: bool) -> None:
    intent = reading(line).intent
    assert isinstance(intent, ConsoleCommand)
    assert (intent.target.name, intent.device, intent.take) == ("web-01", device, take)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("console --take", "name a domain"),
        ("console --take web-99", "no domain is called web-99"),
        ("console web-01 hvc0 hvc1", "one domain and one console of it"),
    ],
)
def test_what_is_wrong_with_a_console_is_told(line: str, error: str) -> None:
    found = reading(line)
    assert (found.error, found.intent) == (error, None)


def test_the_option_of_a_console_is_completed() -> None:
    assert [one.words for one in reading("console --t").choices] == ["--take"]
