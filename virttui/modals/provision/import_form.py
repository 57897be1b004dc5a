"""The import of an appliance: a form, then a review. It creates nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import PurePath

from msgspec.structs import replace
from textual import events

from virttui.libvirtxml.text.redaction import redact
from virttui.modals.base.checked_form import CheckedFormDialog, ReopenableFormDialog
from virttui.modals.base.form import FormState
from virttui.modals.base.modal import button, row
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.form_fields import FormField
from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.appliance import (
    Appliance,
    ApplianceFormat,
    ImportPlan,
    NativeConfig,
)
from virttui.model.provision.domain_spec import HostCapabilities
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import (
    CapabilitiesQuery,
    CapabilitiesResult,
    FileUsersQuery,
    HostEnvironmentQuery,
    HostEnvironmentResult,
    NativeConfigQuery,
    NativeConfigResult,
    QueryResult,
    VolumesQuery,
)
from virttui.model.severity import Severity
from virttui.panes.provision.failure import failure
from virttui.planning.imports.fields import form_fields
from virttui.planning.imports.from_xml import appliance_from_xml
from virttui.planning.imports.plan import plan
from virttui.planning.new_ids import IdGenerator
from virttui.planning.osinfo.catalog import OsCatalog
from virttui.render.chrome import KeyHint
from virttui.render.line import BLANK, Line, Role, Run, clean, cut_end, wrapped
from virttui.store.create_context import context
from virttui.store.device_context import macs
from virttui.store.import_conflicts import others

_ROLES = {Severity.OK: Role.OK, Severity.WARNING: Role.WARN, Severity.ERROR: Role.BAD}
_BLANK_LINE: Line = (Run(" "),)
"""A blank line that keeps its place in the scrolled review."""


class FilePathDialog(CheckedFormDialog[str]):
    """Gives back the path of a file of this machine, or None. ``about`` says what is done to it.

    ``check`` is asked, on a thread, before it closes; it raises InvalidInput. With ``named`` a path
    was typed already, and is tried at once.
    """

    TRYING = "looking at the file"

    def __init__(
        self,
        title: str,
        act: str,
        usual: str,
        about: str,
        check: Callable[[str], object],
        named: str = "",
    ) -> None:
        super().__init__(title, act, act.lower(), "")
        self._usual, self._about, self._check = usual, about, check
        if named:
            self._entered["file"] = named

    def on_mount(self) -> None:
        """Show the field; a path that was typed already is checked at once."""
        super().on_mount()
        self.recompute()
        if self._entered and self._form.result is not None:
            self.done(self._form.result)

    def attempt(self, result: str) -> None:
        """Check the file. On a thread. Raises InvalidInput."""
        self._check(result)

    def evaluate(self, entered: dict[str, str]) -> FormState[str]:
        """The path field."""
        file = entered.get("file", self._usual)
        wanted = (
            FormField("file", "file", file, note="of this machine; tab completes", file=True),
        )
        if not file or not PurePath(file).name or file.endswith("/"):
            return FormState(wanted, error="the name of a file is missing", about=self._about)
        return FormState(wanted, file, about=self._about)


class ImportDialog(ReopenableFormDialog[ImportPlan]):
    """The import form and its review. Returns the plan of the domain to create, or None.

    The host first translates the configuration of another tool. ``failed`` is why an earlier
    attempt failed: the dialog then opens on its review.
    """

    WIDTH = 112

    def __init__(
        self,
        inventory: Inventory,
        appliance: Appliance,
        systems: OsCatalog,
        entered: Mapping[str, str] = {},
        failed: OperationError | None = None,
    ) -> None:
        title = f"import {PurePath(appliance.path).name} into {inventory.host.name}"
        super().__init__(title, "Next", "review", "asking its host", entered, failed)
        self._inventory, self._appliance, self._systems = inventory, appliance, systems
        self._host = ObjectId(inventory.host.id, "")
        self._capabilities: HostCapabilities | None = None
        self._environment: HostEnvironment | None = None
        self._error = ""
        self._reviewing = failed is not None
        self._offset = 0

    def on_mount(self) -> None:
        """Ask the host what it has."""
        super().on_mount()
        self.console.ask(CapabilitiesQuery(self._host))
        self.console.ask(HostEnvironmentQuery(self._host))
        self.console.ask(FileUsersQuery(self._host))
        if self._appliance.packaging is ApplianceFormat.NATIVE:
            native = NativeConfig(self._appliance.config_format, self._appliance.config)
            self.console.ask(NativeConfigQuery(self._host, native))
        for pool in self._inventory.pools.values():
            if pool.active:
                self.console.ask(VolumesQuery(pool.key))
        self.recompute()

    @cached_property
    def _new_ids(self) -> IdGenerator:
        return IdGenerator(macs(self.console.fleet_state()))

    def on_query_result(self, result: QueryResult) -> None:
        """Apply a result and evaluate again."""
        if isinstance(result, CapabilitiesResult):
            self._capabilities = result.capabilities or HostCapabilities(error=result.why_not)
        elif isinstance(result, HostEnvironmentResult):
            self._environment = result.environment or HostEnvironment(error=result.why_not)
        elif isinstance(result, NativeConfigResult):
            self._apply_translation(result)
        self.recompute()

    def _apply_translation(self, result: NativeConfigResult) -> None:
        """Apply the definition that libvirt translated the configuration to."""
        if result.error is not None:
            self._error = result.error.message
            return
        try:
            self._appliance = appliance_from_xml(replace(self._appliance, xml=result.xml))
        except InvalidInput as error:
            self._error = error.message

    # -- what it comes to ------------------------------------------------------------------

    def evaluate(self, entered: dict[str, str]) -> FormState[ImportPlan] | None:
        """The fields, and the plan of all values."""
        if self._error:
            return FormState(error=self._error)
        waits = self._appliance.packaging is ApplianceFormat.NATIVE and not self._appliance.xml
        if waits or self._capabilities is None or self._environment is None:
            return None
        fleet_state, systems = self.console.fleet_state(), self._systems
        inventory = fleet_state.inventories.get(self._host.host, self._inventory)
        now = context(
            fleet_state,
            inventory,
            *self._new_ids.for_machine(0),
            self._capabilities,
            self._environment,
        )
        existing, scratch = others(fleet_state), self.console.settings.scratch
        wanted = form_fields(entered, self._appliance, now, systems, existing)
        try:
            made = plan(
                entered,
                self._appliance,
                now,
                systems,
                existing,
                self._new_ids,
                str(scratch or ""),
            )
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        said = [(f"{one.words}: {one.fix}" if one.fix else one.words)
                for one in made.checks if one.level is not Severity.OK]  # fmt: skip
        lines = tuple(part for words in said for part in wrapped(clean(words), self.width))
        return FormState(wanted, made, lines, f"{len(said)} notes, shown on the next page")

    # -- two pages -------------------------------------------------------------------------

    def done(self, result: ImportPlan) -> None:
        """Go to the review."""
        self._reviewing, self._offset = True, 0
        self.recompute()

    def take_key(self, event: events.Key) -> bool:
        """Handle a key; only ``a`` on the review creates anything."""
        key = event.key
        if not self._reviewing or self._form.result is None:
            return super().take_key(event)
        if key == "escape":
            self.finish(None)
        elif key in ("enter", "pageup"):
            self._reviewing, self._refused = False, None
            self.recompute()
        elif key == "a" and self._ready:
            self.finish(self._form.result)
        elif key in ("up", "down", "j", "k"):
            self._offset += 1 if key in ("down", "j") else -1
            self.draw()
        return True

    @property
    def _ready(self) -> bool:
        return self._form.result is not None and not self._form.result.blocked

    def _show_value(self) -> None:
        super()._show_value()
        field = self._input.parent
        if field is not None and self._reviewing and self._form.result is not None:
            field.display = False

    # -- drawing ---------------------------------------------------------------------------

    def body(self) -> list[Line]:
        """The fields above the current one, or the review."""
        made = self._form.result
        if not self._reviewing or made is None:
            return super().body()
        told = self._review(made)
        verb = "Import and start" if made.plan.start else "Import"
        acts = button("a", verb, possible=self._ready)
        tail = [BLANK, row(button("enter", "Back", focused=True), acts)]
        room = max(3, self.room - self.taken(tail))
        self._offset = max(0, min(self._offset, len(told) - room))
        return [*told[self._offset : self._offset + room], *tail]

    def foot(self) -> list[Line]:
        """The rest of the form; the review has none."""
        if self._reviewing and self._form.result is not None:
            return []
        return super().foot()

    def _review(self, made: ImportPlan) -> list[Line]:
        """The new domain, the checks, the steps, and the XML without its passwords."""
        width = self.width
        lines: list[Line] = []
        if self._refused is not None:
            lines += [*failure(self._refused, width), _BLANK_LINE]
        lines += [(Run(made.plan.name, Role.STRONG),
                              Run(f"  of {clean(self._appliance.path)}", Role.MUTED))]  # fmt: skip
        lines += [(Run(part),) for line in made.lines for part in wrapped(clean(line), width)]
        lines += [_BLANK_LINE, (Run("checks", Role.ACCENT_STRONG),)]
        for check in made.checks:
            glyph = self.look.glyphs.running if check.level is Severity.OK else "!"
            words = check.words + (f": {check.fix}" if check.fix else "")
            parts = wrapped(clean(words), width - 2)
            lines.append((Run(f"{glyph} ", _ROLES[check.level]), Run(parts[0])))
            lines += [(Run(f"  {part}"),) for part in parts[1:]]
        lines += [_BLANK_LINE, (Run("in this order; if one fails, what was created is undone",
                                    Role.ACCENT_STRONG),)]  # fmt: skip
        for number, words in enumerate(made.plan.words, 1):
            parts = wrapped(clean(words), width - 3)
            lines.append((Run(f"{number:<3}", Role.MUTED), Run(parts[0])))
            lines += [(Run(f"   {part}"),) for part in parts[1:]]
        lines += [_BLANK_LINE, (Run("approximate virsh commands", Role.ACCENT_STRONG),)]
        lines += [
            (Run(part, Role.MUTED),) for part in wrapped(clean(made.plan.equivalent_command), width)
        ]
        lines += [_BLANK_LINE, (Run("its XML", Role.ACCENT_STRONG),)]
        lines += [
            (Run(cut_end(clean(part), width) or " ", Role.MUTED),)
            for part in redact(made.plan.xml).text.split("\n")
        ]
        return lines

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if not self._reviewing or self._form.result is None:
            return super().hints()
        return [
            KeyHint("a", "import", self._ready),
            KeyHint("↑↓", "scroll"),
            KeyHint("enter", "back"),
            KeyHint("esc", "cancel", keep=True),
        ]
