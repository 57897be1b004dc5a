"""One setting of a domain: what it is now, and what it is to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from virttui.modals.base.checked_form import CheckedFormDialog
from virttui.modals.base.form import FormState
from virttui.model.documents import Option
from virttui.model.domains.settings import CurrentSetting
from virttui.model.form_fields import FormField


class SettingDialog(CheckedFormDialog[str]):
    """Gives back the value, or None. ``shown`` is the present one as people read it.

    ``known`` are values that its host has for it; ``check`` raises InvalidInput for one that cannot
    be."""

    def __init__(
        self,
        name: str,
        now: CurrentSetting,
        shown: str,
        known: Sequence[Option],
        check: Callable[[str], object],
        typed: str = "",
    ) -> None:
        what = f"{now.device} {now.setting.name}".strip()
        super().__init__(f"{what} of {name}", "Next", "what it changes", "")
        self._setting, self._shown, self._check = now.setting, shown, check
        options = [Option(one) for one in now.setting.options]
        self._options = (*known, *(one for one in options if one.name not in _names(known)))
        if typed:
            self._entered[self._setting.name] = typed

    def on_mount(self) -> None:
        """The present value is what is edited."""
        super().on_mount()
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[str]:
        """The one field, and what it means."""
        setting = self._setting
        value = entered.get(setting.name, self._shown)
        wanted = FormField(
            setting.name, setting.name, value, self._options, only=setting.only, note=setting.value
        )
        about = f"{setting.help[:1].upper()}{setting.help[1:]}."
        if not value or value == self._shown:
            error = "It has this value now." if value else ""
            return FormState((wanted,), error=error, about=about)
        return FormState((wanted,), value, about=about)

    def attempt(self, result: str) -> None:
        """Whether a domain can have that value."""
        self._check(result)


def _names(values: Sequence[Option]) -> set[str]:
    return {value.name for value in values}
