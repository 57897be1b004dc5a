"""What is on screen, written to a file for other programs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from virttui import formatting
from virttui.commandline.parsed import ExportCommand
from virttui.export.fields import Record, trail_records
from virttui.export.write import format_of, write_file
from virttui.model.errors import InvalidInput
from virttui.panes.main.export_rows import records

if TYPE_CHECKING:
    from virttui.screens.base.screen_protocol import ActionScreen

Gather = Callable[[], list[Record]]


class ExportFlow:
    """Writes files beside the screen's loop; one that exists is replaced only after a yes."""

    def __init__(self, screen: ActionScreen) -> None:
        self._screen = screen

    def export(self, wanted: ExportCommand) -> None:
        """Write the rows on screen, or the selected domain's history."""
        gather = self._history() if wanted.history else self._rows()
        if gather is not None:
            self._begin(wanted.path, wanted.format, gather)

    def ask(self) -> None:
        """Ask for the name of a file, then write the rows on screen."""
        self._screen.run_flow(self._ask())

    async def _ask(self) -> None:
        from virttui.modals.base.export import ExportDialog

        pane = self._screen.view_state.view.pane.id
        moment = time.strftime("%Y%m%d-%H%M", time.localtime(self._screen.look.epoch))
        path = await self._screen.show_dialog(ExportDialog(pane, f"virttui-{pane}-{moment}.csv"))
        gather = self._rows()
        if path is not None and gather is not None:
            self._begin(path, "", gather)

    def _rows(self) -> Gather | None:
        rows = self._screen.view_state.view.listing.rows
        if not rows:
            self._screen.show_message("export: no row is on screen", bad=True)
            return None
        return lambda: records(rows)

    def _history(self) -> Gather | None:
        view_state = self._screen.view_state
        row = view_state.view.row
        inventory = (
            view_state.fleet_state.inventories.get(row.key.host) if row is not None else None
        )
        trail = inventory.trail if inventory is not None else None
        if row is None or trail is None or trail.key != row.key or not trail.at:
            self._screen.show_message(
                "export: no history of a selected domain is known yet", bad=True
            )
            return None
        epoch, now = view_state.fleet_state.epoch, view_state.fleet_state.now
        return lambda: trail_records(trail, epoch, now)

    # -- writing ---------------------------------------------------------------------------

    def _begin(self, named: str, format: str, gather: Gather) -> None:
        try:
            path = Path(named).expanduser()
            chosen = format_of(named, format)
        except RuntimeError:
            self._screen.show_message(f"export: {named} is not a user's home", bad=True)
            return
        except InvalidInput as error:
            self._screen.show_message(f"export: {error.message}", bad=True)
            return
        self._screen.run_flow(self._write(path, chosen, gather))

    async def _write(self, path: Path, format: str, gather: Gather) -> None:
        """Write the file off the event loop; one that exists is replaced only after a yes."""
        try:
            replace = await asyncio.to_thread(path.is_file)
        except OSError as error:
            self._screen.show_message(f"export: {path}: {error.strerror}", bad=True)
            return
        if replace and not await self._may_replace(path):
            return
        try:
            count = await asyncio.to_thread(
                lambda: write_file(path, gather(), format, replace=replace)
            )
        except InvalidInput as error:
            self._screen.show_message(f"export: {error.message}", bad=True)
        else:
            self._screen.show_message(f"{formatting.counted(count, 'row')} in {path}")

    async def _may_replace(self, path: Path) -> bool:
        """Ask whether a file that exists is to be replaced."""
        from virttui.modals.base.confirm import Confirmation, ConfirmDialog

        question = Confirmation(
            "export",
            f"Replace {path}?",
            "Replace",
            name=str(path),
            consequence="The file exists already; its content is lost.",
            danger=True,
        )

        return await self._screen.show_dialog(ConfirmDialog(question)) is not None
