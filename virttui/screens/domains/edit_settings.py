"""Edits by name: chosen from a list or typed after ``:set``, looked at, then made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.actions.target import ActionContext
from virttui.model.commands import ApplyWhen, Command, DiskJobOption, SettingChange, Target, Verb
from virttui.model.documents import DocumentText, HostValues
from virttui.model.domains.devices import DeviceKind
from virttui.model.domains.settings import ADD, REMOVE, CurrentSetting
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.panes.virsh_equivalent import called, virsh
from virttui.render.line import clean
from virttui.screens.domains.disk_jobs import DiskJobFlow
from virttui.screens.provision.network_pool import IN_SEQUENCE
from virttui.store.device_context import offered

if TYPE_CHECKING:
    from virttui.libvirtxml.edits.equivalent_command import EquivalentCommand
    from virttui.modals.domains.edit_preview import EditDecision, Preview
    from virttui.modals.domains.settings import DomainSettings
    from virttui.screens.base.creation_follower import CreationFollower
    from virttui.screens.base.screen_protocol import ActionScreen

Submit = Callable[[tuple[Command, ...]], None]


class EditSettingsFlow:
    """Quick edits of the domains under the hands."""

    def __init__(self, screen: ActionScreen, submit: Submit, following: CreationFollower) -> None:
        self._screen = screen
        self._submit, self._following = submit, following
        self.disks = DiskJobFlow(screen, submit)

    def open(self, situation: ActionContext, device: str = "") -> None:
        """Choose what to set of the selected domain; with marks it is set of them all."""
        from virttui.modals.domains.device_facts import DeviceFacts
        from virttui.modals.domains.settings import SettingsDialog

        subjects = [s for s in situation.subjects if s.kind is Kind.DOMAIN]
        targets = [Target(s.kind, s.key, s.name) for s in subjects]
        name = targets[0].name if len(targets) == 1 else formatting.counted(len(targets), "domain")

        def chosen(id: str | None) -> None:
            if id is not None:
                self._chosen(sheet.found(id), targets, name, sheet.definition)

        sheet = SettingsDialog(DeviceFacts(targets), name, settings_of, device)
        self._screen.app.push_screen(sheet, chosen)

    def _chosen(
        self,
        what: CurrentSetting | SettingChange | DeviceKind | DiskJobOption,
        targets: Sequence[Target],
        name: str,
        definition: DocumentText | None,
    ) -> None:
        if isinstance(what, DiskJobOption):
            self.disks.open(what.verb, targets[0], what.disk)
            return
        if isinstance(what, SettingChange):
            self.review(what, targets)
            return
        if isinstance(what, DeviceKind):
            self.add(targets, what.name)
            return
        self._ask_value(what, targets, name, definition)

    def _ask_value(
        self,
        now: CurrentSetting,
        targets: Sequence[Target],
        name: str,
        definition: DocumentText | None,
        typed: str = "",
    ) -> None:
        """Fill in the form of one setting, and look at what it changes; back from there leads here
        again, with what was typed."""
        from virttui.modals.domains.disk_job import MediaDialog
        from virttui.modals.domains.setting import SettingDialog

        def edit(value: str) -> SettingChange:
            return SettingChange(now.setting.name, now.device, (("", value),))

        def entered(value: str | None) -> None:
            if value is not None:
                self.review(
                    edit(value),
                    targets,
                    back=lambda: self._ask_value(now, targets, name, definition, value),
                )

        def check(value: str) -> None:
            from virttui.libvirtxml.edits.apply import apply

            if definition is not None and now.setting.name != "autostart":
                apply(hidden(definition.stored or definition.live), "", edit(value))

        sheet: MediaDialog | SettingDialog
        if now.setting.name == "media":
            title = f"medium in {now.device} of {name}"
            sheet = MediaDialog(title, targets[0], now.value, typed)
        else:
            fleet_state, hosts = (
                self._screen.view_state.fleet_state,
                [one.key.host for one in targets],
            )
            known = offered(fleet_state, hosts).networks if now.setting.name == "network" else ()
            sheet = SettingDialog(name, now, shown(now), known, check, typed)
        self._screen.app.push_screen(sheet, entered)

    def add(self, targets: Sequence[Target], kind: str = "") -> None:
        """Fill in the form of a new device, of a kind that is asked for unless it is named."""
        from virttui.screens.domains.add_device import add_device

        def review(
            edits: Mapping[ObjectId, SettingChange],
            back: Callable[[], None],
            before: tuple[Command, ...],
        ) -> None:
            self.review(edits[targets[0].key], targets, own=edits, back=back, before=before)

        add_device(self._screen.app, targets, review, kind)

    def review(
        self,
        edit: SettingChange,
        targets: Sequence[Target],
        autostart: str = "",
        own: Mapping[ObjectId, SettingChange] | None = None,
        back: Callable[[], None] | None = None,
        before: tuple[Command, ...] = (),
    ) -> None:
        """Show what an edit changes, and make it when that is agreed to.

        ``own`` holds the edit of each target, where they are not the same; ``back`` opens the form
        again that it came from; ``before`` has to be made first.
        """

        def edit_of(key: ObjectId) -> SettingChange:
            return (own or {}).get(key, edit)

        if self._screen.view_state.read_only:
            self._screen.show_message("set: this run is read-only")
            return
        if edit.what == "autostart":
            self._autostart(autostart or edit.value(), targets)
            return
        from virttui.modals.domains.edit_preview import EditDialog

        fleet_state = self._screen.view_state.fleet_state
        hosts = {target.key.host: fleet_state.host_name(target.key.host) for target in targets}

        lines: dict[ObjectId, Mapping[ApplyWhen, EquivalentCommand]] = {}

        def by_hand(target: Target, when: ApplyWhen, device: str) -> str:
            host, found = fleet_state.host(target.key.host), lines.get(target.key, {}).get(when)
            first = [virsh(one, host.uri) for one in before] if host is not None else []
            return " && ".join([*first, clean(spelled(found)) if found is not None else ""])

        def agreed(what: EditDecision | None) -> None:
            if what is not None:
                self._hand_over(_edits_of(what, edit_of, lines), before, back)
            elif back is not None:
                back()

        def previewed(definition: DocumentText, known: HostValues | None) -> Preview:
            document = definition.document
            edit, host = edit_of(document.key), fleet_state.host(document.key.host)
            if host is not None:
                name = called(document.name, document.key)
                lines[document.key] = lines_of(definition, edit, name, host.uri)
            return preview(definition, edit, known)

        sheet = EditDialog(
            words_of(edit),
            targets,
            hosts,
            previewed,
            by_hand,
            knowing=edit.what in _CHECKED,
            warns=edit.value("warns"),
            from_form=back is not None,
        )
        self._screen.app.push_screen(sheet, agreed)

    def _autostart(self, value: str, targets: Sequence[Target]) -> None:
        verb = Verb.AUTOSTART_ON if value == "on" else Verb.AUTOSTART_OFF
        self._submit(tuple(Command(verb, target) for target in targets))

    def _hand_over(
        self,
        made: Sequence[Command],
        before: Sequence[Command],
        back: Callable[[], None] | None,
    ) -> None:
        """The edits, after what has to be made first: where that fails, nothing is edited."""
        if not before:
            self._submit(tuple(made))
            return

        def again(why: object) -> None:
            if back is not None:
                back()

        self._following.submit([*before, *made], again, made[0].target, pace=IN_SEQUENCE)


def _edits_of(
    what: EditDecision,
    edit_of: Callable[[ObjectId], SettingChange],
    lines: Mapping[ObjectId, Mapping[ApplyWhen, EquivalentCommand]],
) -> tuple[Command, ...]:
    """The commands of what was agreed to, each with its line by hand."""

    def line_of(key: ObjectId) -> str:
        found = lines.get(key, {}).get(what.when)
        return found.line if found is not None else ""

    return tuple(
        Command(
            Verb.EDIT,
            target,
            edit=edit_of(target.key),
            line=line_of(target.key),
            when=what.when,
        )
        for target in what.targets
    )


def hidden(text: str) -> str:
    """A definition without its passwords."""
    from virttui.libvirtxml.text.redaction import redact

    return redact(text).text


def words_of(edit: SettingChange) -> str:
    """An edit as a title: ``set nic1 link down``."""
    if edit.what == REMOVE:
        return f"remove {edit.device}"
    if edit.what == ADD:
        return f"add {edit.value('words')}"
    return " ".join(part for part in ("set", edit.device, edit.what, edit.value()) if part)


def shown(now: CurrentSetting) -> str:
    """A value as people type it: sizes with their unit."""
    if now.setting.name in ("memory", "max-memory") and now.value.isdigit():
        size = int(now.value)
        for factor, unit in ((1024**3, "G"), (1024**2, "M"), (1024, "K")):
            if size % factor == 0:
                return f"{size // factor}{unit}"
    return now.value


def settings_of(definition: DocumentText) -> DomainSettings:
    """What can be set of a definition, its devices, and work on its disks. Raises InvalidInput."""
    from virttui.libvirtxml.disks.chains import chains
    from virttui.libvirtxml.edits.current_values import device_names, readings
    from virttui.modals.domains.settings import DomainSettings

    told = definition.stored or definition.live
    works: list[DiskJobOption] = []
    for chain in chains(definition.live) if definition.live else ():
        deep = len(chain.layers)
        works += [
            DiskJobOption(Verb.RESIZE, chain.disk, "while it runs"),
            DiskJobOption(Verb.BLOCK_COPY, chain.disk, "to another pool, while it runs"),
        ]
        if deep > 1:
            works += [
                DiskJobOption(Verb.BLOCK_COMMIT, chain.disk, f"{deep} files into one below"),
                DiskJobOption(Verb.BLOCK_PULL, chain.disk, f"{deep} files into the first"),
            ]
    return DomainSettings(readings(told), device_names(told, definition.live), tuple(works))


def spelled(line: EquivalentCommand) -> str:
    """A line by hand, with what has to be known about it."""
    if line.about:
        return f"about the same by hand: {line.line}"
    holds = f"  ({line.file} holds what is added)" if line.file else ""
    return f"{line.line}{holds}"


def lines_of(
    definition: DocumentText, edit: SettingChange, name: str, uri: str
) -> Mapping[ApplyWhen, EquivalentCommand]:
    """The lines that make an edit by hand, for each moment; none where it cannot be made."""
    from virttui.libvirtxml.edits.apply import apply
    from virttui.libvirtxml.edits.equivalent_command import by_hand
    from virttui.libvirtxml.text.redaction import redact

    stored = redact(definition.stored)
    live = redact(definition.live, stored.secrets)
    try:
        made = apply(stored.text, live.text, edit)
        alone = bool(made.steps) and made.text == stored.text
        return {
            when: by_hand(
                edit,
                ApplyWhen.LIVE if alone else when,
                live.text if alone or when is ApplyWhen.LIVE else stored.text or live.text,
                name,
                uri,
                live=bool(made.steps),
            )
            for when in ApplyWhen
            if made.steps or when is not ApplyWhen.LIVE
        }
    except InvalidInput:
        return {}


def warned(before: str, after: str, known: HostValues | None) -> tuple[str, ...]:
    """What is wrong with a definition after an edit, in the words of the XML editor's checks."""
    from virttui.libvirtxml.schema.validate import validate

    old = {problem.words for problem in validate(before, Kind.DOMAIN, known).problems}
    new = [problem.words for problem in validate(after, Kind.DOMAIN, known).problems]
    return tuple(words for words in dict.fromkeys(new) if words not in old)


_CHECKED = frozenset({"network", "bridge", "model", "media", "cpu", "bus", ADD})
"""Edits whose values a host may not know."""


def preview(
    definition: DocumentText, edit: SettingChange, known: HostValues | None = None
) -> Preview:
    """What an edit would do to a definition, without its passwords."""
    from virttui.libvirtxml.edits.apply import apply, own_name
    from virttui.libvirtxml.text.redaction import redact
    from virttui.modals.domains.edit_preview import Preview
    from virttui.panes.xml_editor.diff_rows import difference

    running = bool(definition.live)
    if definition.why_not:
        return Preview(running=running, refused=definition.why_not)
    stored = redact(definition.stored)
    live = redact(definition.live, stored.secrets)
    try:
        made = apply(stored.text, live.text, edit)
        device = own_name(stored.text or live.text, edit)
    except InvalidInput as error:
        return Preview(running=running, refused=error.sentence)
    wrong = warned(stored.text, made.text, known) if edit.what in _CHECKED and made.text else ()
    return Preview(
        difference(stored.text, made.text),
        made.steps,
        made.waiting,
        running,
        device=device,
        warnings=wrong,
    )
