"""The one file of these tests that imports VirtTUI's inside: it gives back texts and plain data.

A name that changes in the code is changed here; what the functions give back stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import fields, replace

from tests.scenes import fleet as fleet_scene
from virttui import palette, settings
from virttui.__main__ import main
from virttui.actions.action import PANES, Action
from virttui.actions.registry import ACTIONS, BY_ID
from virttui.actions.target import ActionContext
from virttui.appliances import open_appliance, qemu_img
from virttui.cli import create, create_fields, import_archive, list_domains, metrics, record
from virttui.commandline import foreign_words, parser, targets
from virttui.commandline.disk_jobs import VERBS
from virttui.commandline.parsed import ActionCommand, LineCommand
from virttui.commandline.parser import read
from virttui.commandline.prompt_history import PromptHistory
from virttui.commandline.virsh import secret
from virttui.demo import demo_hosts
from virttui.export.fields import TICK, ticks, trail_records
from virttui.export.openmetrics import exposition
from virttui.export.write import FORMATS, header, lines
from virttui.hypervisor import doctor, fleet
from virttui.model.commands import Verb
from virttui.model.documents import Document, Option
from virttui.model.domains.devices import DEVICE_KINDS
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.domains.settings import ADD, REMOVE, SETTINGS
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import ConnectionState, DomainState
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceDisk,
    ApplianceFormat,
    ApplianceNic,
    ExistingIds,
)
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities, InstallMethod
from virttui.model.provision.file_slice import FileSlice
from virttui.model.provision.plan import CreatedResource, ResourceKind
from virttui.model.queries import VolumesQuery, VolumesResult
from virttui.model.tasks import TaskState
from virttui.model.thresholds import USUAL_LIMITS
from virttui.model.volumes import PoolContext
from virttui.panes.main.export_rows import records
from virttui.panes.main.view_state import MainViewState
from virttui.panes.storage.volumes import volumes_pane
from virttui.persistence import (
    definition_history,
    provision_journal,
    ssh_logins,
    templates,
    wizard_drafts,
    xml_drafts,
)
from virttui.persistence import write_locks as persistence_write_locks
from virttui.persistence.saved_views import SavedViews
from virttui.planning.imports import fields as importing
from virttui.planning.imports.from_xml import appliance_from_xml
from virttui.planning.osinfo.catalog import os_catalog
from virttui.render.chrome import KeyHint
from virttui.render.filter import Filter, Unit
from virttui.render.list_pane import Pane
from virttui.render.view_record import choice_of, record_of
from virttui.screens.base.key_pages import (
    CONSOLE_KEYS,
    GUEST_SCREEN_KEYS,
    GUEST_TILES_KEYS,
    KEYS,
    LOG_TILES_KEYS,
    LOGS_KEYS,
    WIZARD_KEYS,
)
from virttui.store.fleet_state import FleetState, FleetStore

MAIN = (main.__module__, main.__name__)
"""What the console script runs."""
EDITOR_TAB = "TabController"
"""The class of what handles the keys of one tab of the XML editor; it needs no textual."""
KEY_HINT = KeyHint.__name__
"""The class of what the last line says of a key."""
LOADS = [
    one.__name__
    for one in (create, create_fields, list_domains, metrics, import_archive, record, doctor, fleet)
]
"""Modules that a call loads."""
KEY_PAGES = {
    "the workbench": KEYS,
    "a new domain": WIZARD_KEYS,
    "a console": CONSOLE_KEYS,
    "a guest screen": GUEST_SCREEN_KEYS,
    "several screens": GUEST_TILES_KEYS,
    "logs": LOGS_KEYS,
    "several logs": LOG_TILES_KEYS,
}
RECORD_FORMATS = FORMATS
Plain = dict[str, Any]

# -- settings ----------------------------------------------------------------------------------

_INTERNAL = ("hosts", "explicit", "demo", "environment", "graphics", "cell", "limits")


def config_defaults() -> Iterator[tuple[str, object]]:
    """Every key of ``config.toml`` with its default, as it would be written there."""
    made = settings.Settings()
    for one in made.__struct_fields__:
        if one not in _INTERNAL:
            yield one, getattr(made, one)
    for old, name in settings.OLD_NAMES.items():
        yield old, getattr(made, name)
    for one in USUAL_LIMITS.__struct_fields__:
        scale = settings._AS_THEY_ARE.get(one, 100.0)
        yield f"limits.{one}", round(getattr(USUAL_LIMITS, one) * scale, 6)


def config_error(file: Path, text: str) -> str:
    """Why a ``config.toml`` is refused, "" where it is taken."""
    file.write_text(text)
    try:
        settings.read(file)
    except InvalidInput as error:
        return error.message
    return ""


def hosts_of(file: Path) -> list[tuple[str, str, str]]:
    """The hosts of a ``config.toml``: what each is known by in the state folder, URI, name."""
    return [(host.id, host.uri, host.name) for host in settings.read(file).hosts]


def config_values(file: Path) -> Plain:
    """What a ``config.toml`` comes to, by its keys."""
    made = settings.read(file)
    told = {one: getattr(made, one) for one in made.__struct_fields__}
    limits = {f"limits.{one}": getattr(made.limits, one) for one in USUAL_LIMITS.__struct_fields__}
    older = {old: told[name] for old, name in settings.OLD_NAMES.items()}
    return {**{name: told[name] for name in told if name not in _INTERNAL}, **older, **limits}


# -- the state folder --------------------------------------------------------------------------

HOST = "qemu+ssh://root@kvm01/system"
UUID = "9b199ddd-7158-582f-afa1-36269d4fd12c"
_CHOSEN = {"method": "cloud image", "name": "web-{01..03}", "memory": "2G", "disk2.size": "20G"}


def _document(kind: Kind) -> Document:
    part = "before update" if kind is Kind.SNAPSHOT else ""
    return Document(kind, ObjectId(HOST, UUID), part or "web-01 ü/x", part)


def write_definitions() -> None:
    """Keep one definition of every kind in the history, and one for each thing that is done."""
    for kind in Kind:
        definition_history.save_version(
            _document(kind), "edit", f"<{kind.value.replace(' ', '_')}/>\n"
        )
    for verb in (Verb.DEFINE, Verb.DELETE):
        definition_history.save_version(_document(Kind.DOMAIN), verb.value, "<domain/>\n")


def write_drafts() -> None:
    """Save one unfinished edit of every kind, and one of what does not exist yet."""
    for kind in Kind:
        xml_drafts.save(
            xml_drafts.Draft(_document(kind), "<a/>", "<a>ü</a>", 3, 14, 1_700_000_000.5)
        )
    new = Document(Kind.NETWORK, ObjectId(HOST, ""), "new")
    xml_drafts.save(xml_drafts.Draft(new, None, "<network/>"))


def write_journals() -> None:
    """Note every kind of piece, and have the making end in between."""
    one = provision_journal.Journal(ObjectId(HOST, UUID), "web-01", runs=True)
    for part in ResourceKind:
        pool = (
            ("5c2a7b1e-0000-4000-8000-000000000001", "default")
            if part is ResourceKind.VOLUME
            else ("", "")
        )
        one.note(CreatedResource(part, f"a {part.value}", *pool))
    one.close(done=False)
    other = provision_journal.Journal(ObjectId(HOST, ""), "disk.qcow2", what="uploading")
    other.note(
        CreatedResource(
            ResourceKind.VOLUME, "disk.qcow2", "5c2a7b1e-0000-4000-8000-000000000001", "default"
        )
    )
    other.close(done=False)


def write_choices() -> None:
    """Save a template, and what was chosen for a machine that was not made."""
    templates.save("web server", {**_CHOSEN, "title": 'a "quote" \\ ü'})
    wizard_drafts.save(HOST, _CHOSEN)
    ssh_logins.keep("tag web", "root", 2222)


def write_screen() -> None:
    """Save a view of every list, and what was typed after ``/`` and ``:``."""
    views, fleet_state = SavedViews(settings.state_folder), _fleet_state()
    for pane in _panes(fleet_state).values():
        found = pane.language.parse(f"{next(iter(pane.language.words))}:web*")
        assert isinstance(found, Filter)
        some = frozenset(column.id for column in pane.columns[-2:])
        group = next(iter(pane.groups), "")
        choice = replace(pane.choice(), filter=found, group=group, on=some, attention_only=True)
        views.save(f"my {pane.id}", record_of(pane, choice))
    memory = PromptHistory(settings.state_folder)
    for sign, line in (("/", "cpu>80"), ("/", "tag:web"), (":", "start web-01"), (":", "sort cpu")):
        memory.keep(sign, line)


def write_locks() -> None:
    """Take a turn, and a folder that disks are unpacked in, and look while both are there."""
    with persistence_write_locks.exclusive_write(ObjectId(HOST, UUID)):
        pass


def unpacked_folder() -> str:
    """Where below the state folder disks are unpacked, as long as that takes."""
    with qemu_img.scratch() as folder:
        return str(folder.relative_to(settings.state_folder()))


def read_state() -> Plain:
    """All that the state folder tells, as plain data."""
    key = ObjectId(HOST, UUID)
    kept = [
        (_plain(e.document), e.action, e.epoch, definition_history.text(e))
        for e in definition_history.versions_of_key(key)
    ]
    unfinished = sorted((_plain(draft) for draft in xml_drafts.all_drafts()), key=str)
    cut = [{**_plain(one), "path": ""} for one in provision_journal.interrupted_journals(HOST)]
    views, memory, fleet_state = (
        SavedViews(settings.state_folder),
        PromptHistory(settings.state_folder),
        _fleet_state(),
    )
    views.load()
    memory.load()
    panes = _panes(fleet_state)
    shown = {}
    for name in views.names:
        record = views.get(name)
        assert record is not None
        pane = panes[record["pane"]]
        shown[name] = record_of(pane, choice_of(pane, record, pane.choice()))
    return {
        "definitions": [
            {"document": document, "action": action, "epoch": epoch, "xml": xml}
            for document, action, epoch, xml in kept
        ],
        "objects": [entry.document.name for entry in definition_history.latest_versions(HOST)],
        "drafts": unfinished,
        "journals": cut,
        "templates": templates.load_all(),
        "machines": wizard_drafts.load(HOST),
        "views": shown,
        "typed": {sign: memory.earlier(sign) for sign in "/:"},
    }


def _plain(thing: Any) -> Any:
    """A record of the state folder as a mapping, by names of this file's own."""
    if isinstance(thing, Document):
        return {"kind": thing.kind.value, "host": thing.key.host, "uuid": thing.key.uuid,
                "name": thing.name, "part": thing.part}  # fmt: skip
    if isinstance(thing, xml_drafts.Draft):
        return {"document": _plain(thing.document), "base": thing.base, "text": thing.text,
                "line": thing.line, "column": thing.column,
                "saved_epoch": thing.saved_epoch}  # fmt: skip
    if isinstance(thing, provision_journal.InterruptedJournal):
        pieces = [[p.kind.value, p.name, p.pool, p.pool_name] for p in thing.resources]
        return {"uuid": thing.key.uuid, "name": thing.name, "begun_epoch": thing.started_epoch,
                "runs": thing.was_starting, "what": thing.operation, "pieces": pieces}  # fmt: skip
    raise TypeError(thing)


# -- what other programs read ------------------------------------------------------------------


@cache
def _fleet_state() -> FleetState:
    store = FleetStore(fleet_scene.SPECS, fleet_scene.NOW)
    for inventory in fleet_scene.inventories():
        store.apply_inventory(_whole(inventory))
    for task in fleet_scene.tasks():
        store.apply_task(task)
    for happening in fleet_scene.host_events():
        store.apply_event(happening)
    volumes = VolumesQuery(ObjectId("kvm01", "pool-default"))
    store.apply_query_result(VolumesResult(volumes, volumes=fleet_scene.volumes()))
    return store.fleet_state(fleet_scene.NOW, fleet_scene.EPOCH)


def _whole(inventory: Any) -> Any:
    """An inventory in which one domain does not answer, and every counter is known."""
    silent = next(iter(inventory.domains.values()))
    domains = {**inventory.domains, silent.key.uuid: replace(silent, silent_at=inventory.at - 3)}
    usage = {
        uuid: replace(one, counters=type(one.counters)(*range(len(fields(one.counters)))))
        for uuid, one in inventory.usage.items()
    }
    return replace(inventory, domains=domains, usage=usage)


def _panes(fleet_state: FleetState) -> dict[str, Pane[Any]]:
    view_state = MainViewState()
    panes = {name: view.pane for name, view in view_state.views.items()}
    return {**panes, "volumes": volumes_pane(ObjectId("kvm01", "pool-default"))}


def listed() -> list[Plain]:
    """The rows of ``list --json`` of a fleet in which everything is told that can be."""
    found = [_whole(one) for one in fleet_scene.inventories()]
    return [list_domains._entry(i, domain) for i in found for domain in i.domains.values()]


def recorded() -> list[Plain]:
    """The rows of ``record`` of that fleet."""
    return [
        row for one in fleet_scene.inventories() for row in ticks(_whole(one), fleet_scene.EPOCH)
    ]


def record_text(rows: list[Plain], format: str) -> str:
    """Rows as ``record`` writes them."""
    return header(TICK, format) + lines(rows, TICK, format)


def exported() -> dict[str, list[Plain]]:
    """The rows that ``:export`` writes of each list, and of a domain's history."""
    fleet_state = _fleet_state()
    found = {name: records(pane.rows(fleet_state)) for name, pane in _panes(fleet_state).items()}
    trail = fleet_scene.trail(fleet_scene.key("gitlab"))
    return {**found, "history": trail_records(trail, fleet_scene.EPOCH, fleet_scene.NOW)}


def exposed() -> str:
    """OpenMetrics of that fleet."""
    found = {one.host.id: _whole(one) for one in fleet_scene.inventories()}
    return exposition(metrics.families(fleet_scene.SPECS, found))


def words_of_records() -> dict[str, list[str]]:
    """The words that stand in records, by what they are about."""
    words: Mapping[str, type[Enum]] = {
        "state of a domain": DomainState,
        "state of a host": ConnectionState,
        "state of a task": TaskState,
        "verb of a task": Verb,
        "kind": Kind,
    }
    return {about: [one.value for one in of] for about, of in words.items()}


def demo_uri() -> str:
    """The URI of the scene of ``--demo``."""
    return demo_hosts()[0].uri


# -- what is typed -----------------------------------------------------------------------------


@cache
def _situation(pane: str) -> ActionContext:
    kinds = {"networks": Kind.NETWORK, "storage": Kind.POOL, "hosts": Kind.HOST}
    view_state = MainViewState()
    view_state.update(_fleet_state())
    view_state.pane = pane
    view_state.arrange()
    made = view_state.situation()
    assert pane not in kinds or made.subjects[0].kind is kinds[pane]
    return made


def commands() -> dict[str, list[str]]:
    """What the ``:`` line offers in each list, by its words."""
    fleet_state = _fleet_state()
    panes = _panes(fleet_state)
    return {
        pane: [
            entry.words
            for entry in palette.commands(
                _situation(pane), [column.id for column in panes[pane].columns if column.sort]
            )
        ]
        for pane in PANES
    }


def own_words() -> dict[str, list[str]]:
    """What else can be typed after ``:``: phrases of actions, commands with words of their own."""
    return {
        "action": sorted(parser._PHRASES),
        "command": list(parser._OWN),
        "kind": list(targets.KIND_WORDS),
        "option": [
            *(f"{name} {one}" for name, told in parser._OPTIONS.items() for one in told),
            f"console {parser._TAKE}",
        ],
        "file": sorted(parser._OF_FILES),
        "disk": list(VERBS),
        "device": [ADD, REMOVE, *(f"{ADD} {kind.name}" for kind in DEVICE_KINDS)],
        "told": list(foreign_words._PLACES),
    }


def settings_typed() -> list[str]:
    """What ``:set`` takes: each setting, its device, and its values."""
    return [
        f"{f'{one.device_kind} ' if one.device_kind else ''}{one.name}: {one.value}"
        f"{f' [{chr(32).join(one.options)}]' if one.options else ''}{' only' if one.only else ''}"
        for one in SETTINGS
    ]


def meaning(line: str, pane: str = "domains") -> str:
    """What a line after ``:`` would do, by the words of the screen."""
    fleet_state = _fleet_state()
    columns = [column.id for column in _panes(fleet_state)[pane].columns]
    made = read(line, _situation(pane), fleet_state, columns, (), "kvm01", ("mine",))
    if made.intent is None:
        return f"wrong: {made.error}"
    if isinstance(made.intent, ActionCommand):
        verb = f" ({made.intent.verb.value})" if made.intent.verb is not None else ""
        names = " ".join(target.name for target in made.intent.targets)
        return f"{made.intent.action.title}{verb}: {names}"
    if isinstance(made.intent, LineCommand):
        action = BY_ID.get(made.intent.id)
        return made.intent.id if action is None else action.title
    return _values_of(made.intent)


def _values_of(intent: Any) -> str:
    """The values of an intent, without its names for them."""
    values: list[str] = []
    for name in intent.__struct_fields__:
        value = getattr(intent, name)
        if isinstance(value, tuple):
            values += [str(getattr(each, "name", each)) for each in value]
        elif isinstance(value, Struct):
            values.append(_values_of(value))
        elif value:
            values.append(str(value))
    return " | ".join(value for value in values if value)


def keeps_secret(line: str) -> bool:
    """Whether a line is left out of what is remembered."""
    return secret(line)


def lists() -> dict[str, dict[str, list[str]]]:
    """Of each list: its columns with their titles, what a filter may ask, its groupings."""
    found = {}
    for name, pane in _panes(_fleet_state()).items():
        language = pane.language
        found[name] = {
            "column": [
                f"{one.id} {one.title.strip()!r}{_marks(pane, one)}" for one in pane.columns
            ],
            "word": [f"{word}:" for word in language.words],
            "figure": [f"{word}> in {one.unit.example}" for word, one in language.figures.items()],
            "group": [f"{id}: {one.title}" for id, one in pane.groups.items()],
        }
    return found


def _marks(pane: Pane[Any], column: Any) -> str:
    told = [
        (column.sort is not None, f"sorts as {column.name!r}"),
        (column.descends, "highest first"),
        (column.id == pane.sort, "at first"),
        (column.id in pane.extra, "only when chosen"),
    ]
    return "".join(f", {words}" for holds, words in told if holds)


def filter_units() -> list[str]:
    """What may stand behind the number of each kind of figure."""
    return [f"{unit.example}: {' '.join(filter(None, unit.value[0]))}" for unit in Unit]


def passes(filter: str, pane: str = "domains") -> list[str]:
    """The names of the rows that pass a filter; what is wrong where it is."""
    fleet_state = _fleet_state()
    made = _panes(fleet_state)[pane].language.parse(filter)
    if not isinstance(made, Filter):
        return [f"wrong: {made.sentence}"]
    rows = made.narrow(_panes(fleet_state)[pane].rows(fleet_state))
    return [one["name"] for one in records(rows)]


# -- keys --------------------------------------------------------------------------------------


def actions() -> list[str]:
    """Every key: where it works, on what, its title, its help, when it asks."""
    return [_action(one) for one in ACTIONS]


def _action(one: Action) -> str:
    every = frozenset((*PANES, "details"))
    panes = (
        "everywhere"
        if one.panes == every
        else " ".join(p for p in (*PANES, "details") if p in one.panes)
    )
    kinds = " ".join(kind.value for kind in Kind if kind in one.kinds)
    asks = f"; asks {one.confirm_when.value}" if one.kinds else ""
    return (
        f"{' '.join(one.keys)} | {one.key} | {panes}{f' on {kinds}' if kinds else ''} | "
        f"{one.word} | {one.title} | {one.help} | {one.place.value}{asks}"
    )


# -- machines ----------------------------------------------------------------------------------


def fields_of_create() -> dict[str, list[str]]:
    """The fields of ``virttui create`` by method, with the values that are a fixed list."""
    return {
        method.value: [_field(one) for one in create_fields.fields(method)]
        for method in InstallMethod
    }


def _field(one: Any) -> str:
    values = " ".join(option.name for option in one.options)
    told = [f" = {values}" if values else "", " only" if one.only else ""]
    told += [" hidden" if one.hidden else "", " file" if one.file else ""]
    return f"{one.name}{''.join(told)}"


def machines_of(file: Path) -> list[dict[str, str]]:
    """The machines that a file of ``virttui create`` asks for, by their fields."""
    return create.read_machines(file)


_WANTS_OF_ITS_HOST = """</disk><interface type='network'><mac address='52:54:00:00:00:09'/>
<source network='prod'/></interface><serial type='file'><source path='/x/log'/></serial>"""


_XML = f"""<domain type='kvm'><name>web-01</name><uuid>{UUID}</uuid><memory>1048576</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='/srv/web-01.img'/>
<target dev='vda' bus='virtio'/></disk></devices></domain>
"""


def fields_of_import() -> dict[str, list[str]]:
    """The fields of ``virttui import --set``, by where the machine comes from."""
    part = FileSlice("/x/a.ova", 1024**3, 512, convert="vmdk", into="qcow2", label="a.vmdk")
    disk = ApplianceDisk(part, 1024**3, "scsi", label="a.vmdk")
    nics = (ApplianceNic("lan", "e1000", "52:54:00:00:00:01"), ApplianceNic("dmz", "e1000"))
    foreign = Appliance(ApplianceFormat.OVF, "/x/a.ova", "a", uuid=UUID, disks=(disk,), nics=nics)
    xml = _XML.replace("</disk>", _WANTS_OF_ITS_HOST)
    there = ApplianceDisk(FileSlice("/x/a.vtar", 1024**3, 512, label="vda.raw"), 1024**3,
    target="vda",
                       format="raw")  # fmt: skip
    ours = appliance_from_xml(
        Appliance(ApplianceFormat.ARCHIVE, "/x/a.vtar", xml=xml, disks=(there,))
    )
    pool = TargetPool(ObjectId("", "default"), "default", PoolContext("dir", 0, (), ()), "")
    context = CreateContext(
        "",
        "its host",
        "",
        "",
        (pool,),
        (Option("default"),),
        capabilities=HostCapabilities(virt="kvm"),
    )
    known = os_catalog(())
    return {
        about: [
            _field(one)
            for one in importing.form_fields(
                {"system": "none"}, appliance, context, known, ExistingIds()
            )
        ]
        for about, appliance in (("of another program", foreign), ("an archive of ours", ours))
    }


# -- archives ----------------------------------------------------------------------------------


def archive_told(path: Path) -> Plain:
    """What an archive tells of the machine in it."""
    appliance = open_appliance.open_appliance(str(path))
    disks = [
        [one.target, one.format, one.capacity, one.content.size if one.content else 0]
        for one in appliance.disks
    ]
    return {"name": appliance.name, "uuid": appliance.uuid, "xml": appliance.xml, "disks": disks,
            "nvram": appliance.nvram_path, "loader": appliance.loader,
            "told": list(appliance.notes)}  # fmt: skip
