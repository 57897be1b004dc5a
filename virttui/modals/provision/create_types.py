"""What the wizard of a new machine wants of those who know machines, files and hosts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from virttui.model.form_fields import FormField
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreateContext, CreatePlan
from virttui.model.provision.lookups import Lookup, LookupResult

IdGeneratorFunction = Callable[[int], tuple[str, tuple[str, ...]]]
"""The UUID and the MAC addresses of the machine with that number."""
Made = tuple[CreatePlan, ...]
FormValues = Mapping[str, str]


class Plans(Protocol):
    """Plans machines; those after the first only in outline without ``whole``."""

    def __call__(
        self,
        entered: FormValues,
        context: CreateContext,
        systems: Any,
        new_ids: IdGeneratorFunction,
        *,
        whole: bool = True,
    ) -> tuple[CreatePlan, ...]:
        """A machine for each name. Raises InvalidInput."""


class Thinks(Protocol):
    """What knows of machines; ``virttui.planning.create`` does. ``systems`` are those that
    osinfo knows."""

    @property
    def wants(
        self,
    ) -> Callable[[WizardStep, FormValues, CreateContext, Any], tuple[FormField, ...]]:
        """The fields of a step."""

    @property
    def proposed(self) -> Plans:
        """What everything comes to, a machine for each name."""

    @property
    def medium_of(self) -> Callable[[FormValues, CreateContext], str]:
        """The medium that is to be asked what it is."""

    @property
    def lookups(self) -> Callable[[FormValues, CreateContext], tuple[Lookup, ...]]:
        """What is to be looked at outside of the host."""

    @property
    def added(self) -> Callable[[FormValues, WizardStep], dict[str, str]]:
        """With one disk or card more."""

    @property
    def without(self) -> Callable[[FormValues, WizardStep, str], dict[str, str]]:
        """Without one of them."""

    @property
    def chosen(self) -> Callable[[FormValues, CreateContext, Any], Any]:
        """The ``values`` of all fields."""

    @property
    def edited(self) -> Callable[[FormValues, str], dict[str, str]]:
        """With a definition that was edited by hand."""

    @property
    def original(self) -> Callable[[FormValues], dict[str, str]]:
        """Without it."""


@dataclass(frozen=True, slots=True)
class WizardServices:
    """What the page has done for it by whoever opened it.

    ``read_systems`` and ``look_up`` wait, and are called on a thread. ``kept`` hears what was
    chosen when it closes. ``edit`` opens a definition and gives it to its second argument once it
    was edited; ``name`` asks for the name of a template and keeps the choices under it.
    """

    read_systems: Callable[[], Any]
    look_up: Callable[[Lookup], LookupResult]
    kept: Callable[[FormValues], None]
    edit: Callable[[CreatePlan, Callable[[str], None]], None]
    name: Callable[[FormValues, Callable[[str], None]], None]
    help: Callable[[], object]
    templates: Mapping[str, FormValues]
