"""Opens the pages on which guests are worked in or looked at: console, screen, tiles of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from virttui.actions.target import ActionContext

if TYPE_CHECKING:
    from virttui.commandline.parsed import GuestKeysCommand
    from virttui.model.identity import ObjectId
    from virttui.screens.base.screen_protocol import ActionScreen
    from virttui.screens.console.lifecycle import MakeHandlers


async def show_console(
    screen: ActionScreen,
    make_handlers: MakeHandlers,
    context: ActionContext,
    device: str = "",
    *,
    take: bool = False,
) -> None:
    """Show the page of a domain's console until it is left."""
    from virttui.screens.console.screen import ConsoleScreen

    page = ConsoleScreen(
        context.subjects[0].domain,
        make_handlers,
        read_only=screen.view_state.read_only,
        watched_after=_watched_after(context),
        device=device,
        take=take,
    )
    if words := await screen.show_dialog(page):
        screen.show_message(words)


async def show_guest_screen(
    screen: ActionScreen,
    make_handlers: MakeHandlers,
    context: ActionContext,
    errand: GuestKeysCommand | None = None,
) -> None:
    """Show the page of a domain's screen until it is left; ``errand`` is sent there first."""
    from virttui.screens.guest_screen.screen import GuestScreen

    page = GuestScreen(
        context.subjects[0].domain,
        make_handlers,
        read_only=screen.view_state.read_only,
        watched_after=_watched_after(context),
        errand=errand,
    )
    if words := await screen.show_dialog(page):
        screen.show_message(words)


async def show_guest_tiles(
    screen: ActionScreen, make_handlers: MakeHandlers, context: ActionContext
) -> None:
    """Show the page of several domains' screens until it is left."""
    from virttui.screens.guest_screen.tiles import GuestTilesScreen

    domains = [subject.domain for subject in context.subjects]
    read_only = screen.view_state.read_only
    await screen.show_dialog(GuestTilesScreen(domains, make_handlers, read_only=read_only))


async def show_log_tiles(
    screen: ActionScreen, make_handlers: MakeHandlers, context: ActionContext
) -> None:
    """Show the page of several domains' logs until it is left."""
    from virttui.screens.logs.tiles import LogTilesScreen

    domains = [subject.domain for subject in context.subjects]
    read_only = screen.view_state.read_only
    await screen.show_dialog(LogTilesScreen(domains, make_handlers, read_only=read_only))


def _watched_after(context: ActionContext) -> ObjectId | None:
    """The domain whose details are told once the page is left: that of the page below it."""
    return context.subjects[0].key if context.pane == "details" else None
