"""The create wizard: one page a step, then a review. It creates nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import cached_property

from msgspec.structs import replace
from textual import events

from virttui.modals.base.form import FormState
from virttui.modals.base.full_page_form import FullPageForm
from virttui.modals.base.modal import button, row
from virttui.modals.provision.create_types import CreatePlans, WizardServices
from virttui.modals.provision.dry_run import DryRunCheck, dry_run_check
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput, OperationError
from virttui.model.form_fields import FormField, FormValues
from virttui.model.identity import ObjectId
from virttui.model.inventory import Inventory
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import XML, CreateContext, CreatePlan
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.model.provision.lookups import Lookup, LookupResult
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import (
    CapabilitiesQuery,
    CapabilitiesResult,
    DryRunQuery,
    DryRunResult,
    FileUsersQuery,
    HostEnvironmentQuery,
    HostEnvironmentResult,
    ImageQuery,
    ImageResult,
    QueryResult,
    VolumesQuery,
)
from virttui.panes.provision.create_page import WizardPageInput, page
from virttui.panes.provision.wizard_keys import review_hints, step_hints
from virttui.planning.create import fields, repeated_fields, xml_override
from virttui.planning.create.plan import plan as plan_creation
from virttui.planning.new_ids import IdGenerator
from virttui.render.chrome import KeyHint
from virttui.render.form_page import FormPageLines
from virttui.render.line import BLANK, Line
from virttui.store.create_context import context
from virttui.store.device_context import macs

_ORDER = tuple(WizardStep)
_SECRET = frozenset({"password"})
TEMPLATE = "template"


class CreateWizard(FullPageForm[CreatePlans]):
    """The create wizard. Returns the plans of the domains to create, or None.

    ``draft`` holds form values to begin with. ``failed`` is why an earlier attempt failed: the
    wizard then opens on its review.
    """

    def __init__(
        self,
        inventory: Inventory,
        services: WizardServices,
        draft: FormValues,
        failed: OperationError | None = None,
    ) -> None:
        host = inventory.host
        title = f"Create domain on {host.name}"
        super().__init__(title, "Next", "next step", f"asking {host.name}")
        self._inventory, self._services = inventory, services
        self._host, self._host_name = ObjectId(host.id, ""), host.name
        self._pools = {one.name: one.key for one in inventory.pools.values() if one.active}
        self._entered = dict(draft)
        self._failed = failed
        self._step = WizardStep.WHAT if failed is None else WizardStep.REVIEW
        self._capabilities: HostCapabilities | None = None
        self._environment: HostEnvironment | None = None
        self._images: dict[tuple[ObjectId, str], tuple[IsoDescriptor | None, str]] = {}
        self._found: dict[Lookup, LookupResult] = {}
        self._looking: set[Lookup] = set()
        self._last: CreatePlans = ()
        self._dry_run: DryRunCheck | None = None
        self._notice = ""
        self._offset = self._most = 0

    @property
    def entered(self) -> dict[str, str]:
        """All form values, passwords included."""
        return dict(self._entered)

    def on_mount(self) -> None:
        """Query the capabilities, the devices and the volumes of the host."""
        super().on_mount()
        self.console.ask(CapabilitiesQuery(self._host))
        self.console.ask(HostEnvironmentQuery(self._host))
        self.console.ask(FileUsersQuery(self._host))
        for key in self._pools.values():
            self.console.ask(VolumesQuery(key))
        self.recompute()

    @cached_property
    def _new_ids(self) -> IdGenerator:
        return IdGenerator(macs(self.console.fleet_state()))

    async def _run_lookup(self, lookup: Lookup) -> None:
        self._found[lookup] = await asyncio.to_thread(self._services.look_up, lookup)
        self._looking.discard(lookup)
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Apply a result and evaluate again."""
        if isinstance(result, CapabilitiesResult):
            self._capabilities = result.capabilities or HostCapabilities(error=result.why_not)
        elif isinstance(result, HostEnvironmentResult):
            self._environment = result.environment or HostEnvironment(error=result.why_not)
        elif isinstance(result, ImageResult):
            query = result.query
            self._images[query.key, query.volume] = (result.image, result.why_not)
        elif isinstance(result, DryRunResult):
            self._dry_run = dry_run_check(result)
            # The checks may be out of view.
            self._notice = self._dry_run.check.words
        self.recompute()

    # -- what it comes to ------------------------------------------------------------------

    def _choices_of(self, entered: FormValues) -> dict[str, str]:
        """The form values on top of those of the template."""
        return {**self._services.templates.get(entered.get(TEMPLATE, ""), {}), **entered}

    def evaluate(self, entered: dict[str, str]) -> FormState[CreatePlans] | None:
        """The fields of this step, and the plans of all values."""
        if self._capabilities is None or self._environment is None:
            return None
        choices, systems = self._choices_of(entered), self._services.systems
        now = self._context_for(choices, self._capabilities, self._environment)
        wanted = fields.form_fields(self._step, choices, now, systems)
        if self._step is WizardStep.WHAT and self._services.templates:
            wanted = (self._template(entered), *wanted)
        try:
            whole = self._step is WizardStep.REVIEW
            made = plan_creation(choices, now, systems, self._new_ids, whole=whole)
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        self._last = self._dry_run.added_to(made) if self._dry_run is not None else made
        return FormState(wanted, self._last)

    def _context_for(
        self, choices: FormValues, can: HostCapabilities, around: HostEnvironment
    ) -> CreateContext:
        """The facts of the host, with the lookups of the chosen medium and installer."""
        fleet_state = self.console.fleet_state()
        inventory = fleet_state.inventories.get(self._host.host, self._inventory)
        now = context(fleet_state, inventory, *self._new_ids.for_machine(0), can, around)
        told, untold = self._descriptor_of(fields.medium_to_read(choices, now))
        self._start_lookups(fields.lookups(choices, now))
        return replace(now, medium=told, medium_error=untold, lookup_results=self._found)

    def _values(self) -> dict[str, str]:
        """The values of all fields, chosen or default."""
        if self._capabilities is None or self._environment is None:
            return {}
        choices = self._choices_of(self._entered)
        now = self._context_for(choices, self._capabilities, self._environment)
        return fields.resolve_choices(choices, now, self._services.systems).values

    def _template(self, entered: FormValues) -> FormField:
        none = Option("none", "nothing chosen yet")
        names = [Option(one, "saved by you") for one in self._services.templates]
        value = entered.get(TEMPLATE, "")
        value = value if value in self._services.templates else none.name
        return FormField(TEMPLATE, "template", value, (none, *names), only=True)

    def _descriptor_of(self, place: str) -> tuple[IsoDescriptor | None, str]:
        """The descriptor of the medium; queried once, and not while the user types its name."""
        pool, _, name = place.partition("/")
        key = self._pools.get(pool)
        if key is None or not name or self.typing_in("medium"):
            return None, ""
        if (key, name) not in self._images:
            self._images[key, name] = (None, "")
            self.console.ask(ImageQuery(key, name))
        return self._images[key, name]

    def _start_lookups(self, lookups: Sequence[Lookup]) -> None:
        """Start the lookups that are still missing, unless the user is typing."""
        if self._typing:
            return
        for lookup in lookups:
            if lookup not in self._found and lookup not in self._looking:
                self._looking.add(lookup)
                self.run_worker(self._run_lookup(lookup))

    # -- the steps -------------------------------------------------------------------------

    def done(self, result: CreatePlans) -> None:
        """Go to the next step."""
        self._go(_ORDER[_ORDER.index(self._step) + 1])

    def _go(self, step: WizardStep) -> None:
        self._failed = None
        self._step, self._offset = step, 0
        self._form = FormState()
        self._begin_step()

    def take_key(self, event: events.Key) -> bool:
        """Handle a key; only ``a`` on the review creates anything."""
        key, self._notice = event.key, ""
        place = _ORDER.index(self._step)
        review = self._step is WizardStep.REVIEW
        if key == "pageup":
            if place and self._leave():
                self._go(_ORDER[place - 1])
        elif key == "f2" and not review:
            if self._leave() and self._possible:
                self._go(WizardStep.REVIEW)
        elif key in ("f5", "f8") and not review:
            self._change_parts(add=key == "f5")
        elif key == "f1" or (key == "question_mark" and review):
            self._services.help()
        elif key == "escape":
            self._close(None)
        elif not review:
            return super().take_key(event)
        else:
            return self._take_review_key(key)
        return True

    def _take_review_key(self, key: str) -> bool:
        acts: dict[str, Callable[[], object]] = {
            "enter": lambda: self._go(_ORDER[-2]),
            "a": self._make,
            "x": self._edit,
            "u": self._anew,
            "y": self._copy,
            "d": self._try,
            "t": self._keep_template,
        }
        steps = {"down": 1, "j": 1, "up": -1, "k": -1}
        if key in steps:
            self._offset = max(0, min(self._offset + steps[key], self._most))
        elif key in acts and (self._last or key == "enter"):
            acts[key]()
        if self.is_current:
            self.draw()
        return True

    def _change_parts(self, *, add: bool) -> None:
        """Add a disk or network card, or remove the current one."""
        if not self._leave():
            return
        now, step = self._now, self._step
        choices = self._choices_of(self._entered)
        if add:
            changed = repeated_fields.with_another(choices, step)
        else:
            changed = repeated_fields.without(choices, step, now.group if now is not None else "")
        if changed == choices:
            self._notice = "only disks and network cards are added and removed, not the first one"
            self.draw()
            return
        self._entered = changed
        self.recompute()
        self._place = self._first_of(changed, add=add)
        self.recompute()

    def _first_of(self, entered: FormValues, *, add: bool) -> int:
        """The first field of the part that was added, or of the first one."""
        groups = [one.group for one in self._form_fields]
        last = max((int(one) for one in groups if one.isdigit()), default=0)
        return groups.index(str(last)) if add and last else 0

    # -- on the review ---------------------------------------------------------------------

    @property
    def _ready(self) -> bool:
        result = self._form.result
        return result is not None and not result[0].blocked

    def _make(self) -> None:
        if self._ready:
            self._close(self._form.result)

    def _try(self) -> None:
        """Ask the host for a dry run of the definition."""
        xml = self._last[0].plan.first_boot_xml or self._last[0].plan.xml
        self._notice = f"asking {self._host_name} for a dry run"
        self.console.ask(DryRunQuery(self._host, xml))

    def _edit(self) -> None:
        if len(self._last) > 1:
            self._notice = "the XML of several machines cannot be edited at once"
        elif self._last[0].plan.first_boot_xml:
            self._notice = "an installer has two definitions, which cannot be edited here"
        else:
            self.run_worker(self._edit_xml(self._last[0]))

    async def _edit_xml(self, plan: CreatePlan) -> None:
        xml = await self._services.edit(plan)
        if xml is not None:
            self._entered = xml_override.with_edited_xml(self._choices_of(self._entered), xml)
            self.recompute()

    def _anew(self) -> None:
        self._entered = xml_override.without_edited_xml(self._entered)
        self.recompute()

    def _copy(self) -> None:
        line = self._last[0].plan.equivalent_command
        self._notice = "the XML was edited: no virt-install command matches it"
        if line:
            self.app.copy_to_clipboard(line)
            self._notice = "copied the virt-install command"

    def _keep_template(self) -> None:
        values = self._values()
        own = {"name", "title", "hostname", *_SECRET}
        chosen = {n: v for n, v in values.items() if v and n not in own and not n.endswith("mac")}
        self.run_worker(self._name_template(chosen))

    async def _name_template(self, chosen: FormValues) -> None:
        message = await self._services.name(chosen)
        if message:
            self._notice = message
            self.draw()

    def _close(self, result: CreatePlans | None) -> None:
        kept = {name: value for name, value in self._entered.items() if name not in _SECRET}
        self._services.kept(kept)
        self.finish(result)

    # -- drawing ---------------------------------------------------------------------------

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll the review."""
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll the review."""
        self._scroll(-3)

    def _scroll(self, by: int) -> None:
        if self._step is WizardStep.REVIEW:
            self._offset = max(0, min(self._offset + by, self._most))
            self.draw()

    def frame(self, width: int, lines: int) -> FormPageLines:
        """The lines of this step."""
        now = self._now
        shown = WizardPageInput(
            host=self._host_name,
            step=self._step,
            fields=self._form_fields,
            place=self._place,
            plans=self._last,
            error=self._form.error,
            note=self._said,
            choices=self._choices(now) if now is not None else BLANK,
            offset=self._offset,
            running=self.console.fleet_state().running_tasks,
            badge=self.badge(),
            notice=self._notice,
            failed=self._failed,
        )
        made = page(shown, self._buttons(), self.look, width, lines)
        self._most = made.most
        return made

    def _buttons(self) -> Line:
        made = self._last
        verb = "Create and start" if made and made[0].plan.start else "Create"
        verb = f"{verb} {len(made)}" if len(made) > 1 else verb
        return row(button("enter", "Back", focused=True), button("a", verb, possible=self._ready))

    @property
    def width(self) -> int:
        """The width of the line of choices."""
        return self.app.size.width - (28 if self.app.size.width >= 100 else 4)

    def hints(self) -> list[KeyHint]:
        """The keys."""
        if self._step is WizardStep.REVIEW and self._form.result is not None:
            return review_hints(ready=self._ready, xml_edited=XML in self._entered)
        return step_hints(self._step, possible=self._possible)
