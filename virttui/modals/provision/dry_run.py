"""The result of a dry run, as a check on the review of the create wizard."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from virttui.modals.provision.create_types import CreatePlans
from virttui.model.provision.checks import Check
from virttui.model.queries import DryRunResult
from virttui.model.severity import Severity


class DryRunCheck(Struct, frozen=True):
    """Whether a host would start a definition, ``xml``."""

    xml: str
    check: Check

    def added_to(self, plans: CreatePlans) -> CreatePlans:
        """The plans, with this among the checks of the first one if that is what was tried."""
        plan = plans[0].plan
        if self.xml not in (plan.xml, plan.first_boot_xml):
            return plans
        checks = plans[0].checks
        error = self.check.level is Severity.ERROR
        checks = (self.check, *checks) if error else (*checks, self.check)
        return (replace(plans[0], checks=checks), *plans[1:])


def dry_run_check(result: DryRunResult) -> DryRunCheck:
    """The check that a dry run comes to."""
    if result.error is None:
        check = Check(Severity.OK, f"dry run: {result.outcome}")
    else:
        words = f"dry run: {result.error.quoted or result.error.message}"
        check = Check(Severity.ERROR, words, "change it, or x")
    return DryRunCheck(result.query.xml, check)
