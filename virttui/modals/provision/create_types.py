"""What the create wizard returns, and the services that its screen gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from virttui.model.form_fields import FormValues
from virttui.model.provision.create import CreatePlan
from virttui.model.provision.lookups import Lookup, LookupResult
from virttui.planning.osinfo.catalog import OsCatalog

CreatePlans = tuple[CreatePlan, ...]


class WizardServices(Struct, frozen=True):
    """What the create wizard may not do itself: read files and the web, write drafts, open screens.

    ``look_up`` blocks: the wizard calls it on a thread. ``kept`` gets the form values when the
    wizard closes. ``edit`` opens the XML of a plan and returns the edited text, None when that is
    cancelled. ``name`` asks for a template name, saves the values under it and returns a message.
    """

    systems: OsCatalog
    look_up: Callable[[Lookup], LookupResult]
    kept: Callable[[FormValues], None]
    edit: Callable[[CreatePlan], Awaitable[str | None]]
    name: Callable[[FormValues], Awaitable[str]]
    help: Callable[[], object]
    templates: Mapping[str, FormValues]
