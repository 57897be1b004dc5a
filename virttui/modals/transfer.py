"""Which file of this machine a volume's content comes from, or goes to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from virttui.modals.fields import Filled
from virttui.modals.tried import TriedSheet
from virttui.model.errors import BadInput
from virttui.model.making import Wanted
from virttui.paths import check_new, check_readable


class UploadSheet(TriedSheet[tuple[str, str]]):
    """Gives back the file and the name of the volume to make, or None.

    ``check`` raises BadInput for what can be no name of a volume there.
    """

    def __init__(self, pool: str, check: Callable[[str], object]) -> None:
        super().__init__(f"upload to {pool}", "Upload", "upload", "")
        self._check = check

    def on_mount(self) -> None:
        """There is nothing to wait for."""
        super().on_mount()
        self.think()

    def filled(self, given: dict[str, str]) -> Filled[tuple[str, str]]:
        """The two fields."""
        file = given.get("file", "")
        name = given.get("name") or PurePath(file).name
        wanted = (
            Wanted("file", "file", file, note="of this machine; tab completes", file=True),
            Wanted("name", "volume", name, note="what it is called there"),
        )
        if not file:
            return Filled(wanted, wrong="the file is missing")
        try:
            self._check(name)
        except BadInput as error:
            return Filled(wanted, wrong=error.sentence)
        return Filled(wanted, (file, name))

    def attempt(self, result: tuple[str, str]) -> None:
        """Whether the file can be read."""
        check_readable(result[0])


class DownloadSheet(TriedSheet[str]):
    """Gives back the file to write, or None. ``user`` is the domain that runs on the volume."""

    def __init__(self, name: str, user: str) -> None:
        super().__init__(f"download {name}", "Download", "download", "")
        self._name, self._user = name, user

    def on_mount(self) -> None:
        """There is nothing to wait for."""
        super().on_mount()
        self.think()

    def filled(self, given: dict[str, str]) -> Filled[str]:
        """The one field, and a warning where somebody writes meanwhile."""
        file = given.get("file", f"~/{self._name}")
        wanted = (Wanted("file", "file", file, note="of this machine; it must be new", file=True),)
        if not file or file.endswith("/"):
            return Filled(wanted, wrong="the name of the file is missing")
        torn = f"{self._user} runs on it: what it writes meanwhile may tear the copy"
        return Filled(wanted, file, (torn,) if self._user else (), torn)

    def attempt(self, result: str) -> None:
        """Whether the file can be made."""
        check_new(result)
