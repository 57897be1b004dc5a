"""An edit of domains that waits for its review: what it does, its virsh line, its commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from virttui.model.commands import ApplyWhen, Command, EditArguments, SettingChange, Target, Verb
from virttui.model.documents import DocumentText, HostValues
from virttui.model.domains.settings import ADD
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind, ObjectId
from virttui.panes.virsh_equivalent import called, virsh
from virttui.render.line import clean
from virttui.store.fleet_state import FleetState

if TYPE_CHECKING:
    from virttui.libvirtxml.edits.equivalent_command import EquivalentCommand
    from virttui.modals.domains.edit_preview import EditDecision, Preview


@dataclass(slots=True)
class PendingEdit:
    """A change of one or more domains, before it is agreed to.

    ``own`` holds the change of each target where they differ. ``before`` are commands that have to
    succeed first. ``lines`` are the equivalent virsh lines, known once ``preview`` was called.
    """

    change: SettingChange
    targets: Sequence[Target]
    fleet_state: FleetState
    own: Mapping[ObjectId, SettingChange] = field(default_factory=dict)
    before: tuple[Command, ...] = ()
    lines: dict[ObjectId, Mapping[ApplyWhen, EquivalentCommand]] = field(default_factory=dict)

    @property
    def hosts(self) -> dict[str, str]:
        """The names of the hosts of the targets, by id."""
        keys = [target.key.host for target in self.targets]
        return {key: self.fleet_state.host_name(key) for key in keys}

    def change_of(self, key: ObjectId) -> SettingChange:
        """The change of one domain."""
        return self.own.get(key, self.change)

    def preview(self, definition: DocumentText, known: HostValues | None) -> Preview:
        """What the change does to a definition. On a thread."""
        document = definition.document
        change, host = self.change_of(document.key), self.fleet_state.host(document.key.host)
        if host is not None:
            name = called(document.name, document.key)
            self.lines[document.key] = lines_of(definition, change, name, host.uri)
        return preview(definition, change, known)

    def equivalent(self, target: Target, when: ApplyWhen, device: str) -> str:
        """The virsh lines that do the same, in one line."""
        host = self.fleet_state.host(target.key.host)
        found = self.lines.get(target.key, {}).get(when)
        first = [virsh(one, host.uri) for one in self.before] if host is not None else []
        return " && ".join([*first, clean(equivalent_text(found)) if found is not None else ""])

    def commands(self, decision: EditDecision) -> tuple[Command, ...]:
        """The commands that were agreed to."""
        return tuple(
            Command(
                Verb.EDIT,
                target,
                EditArguments(
                    self.change_of(target.key),
                    equivalent_command=self._line(target.key, decision.when),
                    when=decision.when,
                ),
            )
            for target in decision.targets
        )

    def _line(self, key: ObjectId, when: ApplyWhen) -> str:
        found = self.lines.get(key, {}).get(when)
        return found.line if found is not None else ""


def equivalent_text(line: EquivalentCommand) -> str:
    """An equivalent line, with what has to be known about it."""
    if line.opens_editor:
        return f"approximate virsh command: {line.line}"
    holds = f"  ({line.file} holds what is added)" if line.file else ""
    return f"{line.line}{holds}"


def lines_of(
    definition: DocumentText, edit: SettingChange, name: str, uri: str
) -> Mapping[ApplyWhen, EquivalentCommand]:
    """The equivalent virsh lines of an edit by time of application; {} if it is impossible."""
    from virttui.libvirtxml.edits.apply import apply
    from virttui.libvirtxml.edits.equivalent_command import equivalent_command
    from virttui.libvirtxml.text.redaction import redact

    stored = redact(definition.stored)
    live = redact(definition.live, stored.secrets)
    try:
        made = apply(stored.text, live.text, edit)
        alone = bool(made.steps) and made.text == stored.text
        return {
            when: equivalent_command(
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
    """The problems that an edit adds to a definition, as the XML editor reports them."""
    from virttui.libvirtxml.schema.validate import validate

    old = {problem.words for problem in validate(before, Kind.DOMAIN, known).problems}
    new = [problem.words for problem in validate(after, Kind.DOMAIN, known).problems]
    return tuple(words for words in dict.fromkeys(new) if words not in old)


CHECKED = frozenset({"network", "bridge", "model", "media", "cpu", "bus", ADD})
"""Settings whose values a host may not support."""


def preview(
    definition: DocumentText, edit: SettingChange, known: HostValues | None = None
) -> Preview:
    """What an edit changes in a definition, without its passwords."""
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
        return Preview(running=running, refused=error.message)
    wrong = warned(stored.text, made.text, known) if edit.what in CHECKED and made.text else ()
    return Preview(
        difference(stored.text, made.text),
        made.steps,
        made.waiting,
        running,
        device=device,
        warnings=wrong,
    )
