"""The forms that choose a file of this machine to upload or to download to."""

from __future__ import annotations

from pathlib import PurePath

from virttui.local.paths import check_new, check_readable
from virttui.modals.base.checked_form import CheckedFormDialog
from virttui.modals.base.form import FormState
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.model.volumes import PoolContext
from virttui.planning.network_pool.volume import checked_name


class UploadDialog(CheckedFormDialog[tuple[str, str]]):
    """Asks which file to upload. Returns the file and the name of the volume to create, or None."""

    def __init__(self, pool: str, room: PoolContext) -> None:
        super().__init__(f"upload to {pool}", "Upload", "upload", "")
        self._room = room

    def on_mount(self) -> None:
        """Show the fields at once."""
        super().on_mount()
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[tuple[str, str]]:
        """The two fields."""
        file = entered.get("file", "")
        name = entered.get("name") or PurePath(file).name
        wanted = (
            FormField("file", "file", file, note="of this machine; tab completes", file=True),
            FormField("name", "volume", name, note="what it is called there"),
        )
        if not file:
            return FormState(wanted, error="the file is missing")
        try:
            checked_name(name, self._room)
        except InvalidInput as error:
            return FormState(wanted, error=error.message)
        return FormState(wanted, (file, name))

    def attempt(self, result: tuple[str, str]) -> None:
        """Check that the file can be read."""
        check_readable(result[0])


class DownloadDialog(CheckedFormDialog[str]):
    """Returns the file to write, or None. ``user`` is the running domain that has the volume."""

    def __init__(self, name: str, user: str) -> None:
        super().__init__(f"download {name}", "Download", "download", "")
        self._name, self._user = name, user

    def on_mount(self) -> None:
        """Show the fields at once."""
        super().on_mount()
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[str]:
        """The file field, with a warning if a running domain writes to the volume."""
        file = entered.get("file", f"~/{self._name}")
        wanted = (
            FormField("file", "file", file, note="of this machine; it must be new", file=True),
        )
        if not file or file.endswith("/"):
            return FormState(wanted, error="the name of the file is missing")
        torn = f"{self._user} runs on it: its writes may make the copy inconsistent"
        return FormState(wanted, file, (torn,) if self._user else (), torn)

    def attempt(self, result: str) -> None:
        """Check that the file can be created."""
        check_new(result)
