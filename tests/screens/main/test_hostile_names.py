"""Names are data: brackets, escape bytes, wide characters and two hundred letters break nothing."""

from __future__ import annotations

import pytest

from tests.scenes import fleet
from tests.scenes.running_app import running_app
from virttui.model.inventory import DomainState
from virttui.model.messages import HostEvent
from virttui.model.severity import Severity

HOSTILE = [
    "bad[/x]",
    "[bold red]shout[/]",
    "[@click=app.quit]x[/]",
    "esc\x1b]0;owned\x07\x1b[2Jend",
    "line\nbreak\ttab",
    "rtl\u202eevil\u2066",
    "zero\u200bwidth\ufeff",
    "한" * 200,
    "w" * 200,
    "👨\u200d👩\u200d👧 family 🇩🇪",
    "e\u0301\u0301\u0301\u0301combining",
    "$(reboot); `x` 'quoted' \"d\"",
    "",
    " ",
]
OPENINGS = (("question_mark", "escape"), ("D", "n"), ("y", "escape"))


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 36)])
async def test_hostile_names_everywhere(size: tuple[int, int]) -> None:
    inventory = fleet.small("kvm01", HOSTILE)
    event = HostEvent(
        fleet.EPOCH, "kvm01", "domain", HOSTILE[3], "said [/x] \x1b[31m", level=Severity.ERROR
    )
    async with running_app(size, [inventory, event], hosts=fleet.SPECS[:1]) as ui:
        for key in ("1", "6", "1"):
            await ui.press(key)
        for _ in HOSTILE:
            await ui.press("down")
            lines = ui.screen_text()
            assert "\x1b" not in lines
            assert "\u202e" not in lines
            for opening, closing in OPENINGS if size == (80, 24) else ():
                await ui.press(opening, closing)
                assert ui.app.screen is ui.console
        await ui.press("ctrl+p", "b", "a", "d", "escape")
        await ui.press("slash")
        await ui.type("[/x]")
        await ui.press("enter")
        assert ui.names() == ["bad[/x]"]
        for strip in ui.console._compositor.render_strips():
            assert strip.cell_length == size[0]


async def test_hostile_names_in_forms() -> None:
    for name in HOSTILE[:4]:
        inventory = fleet.small("kvm01", [name], state=DomainState.SHUTOFF, id=None)
        async with running_app((80, 24), [inventory], hosts=fleet.SPECS[:1]) as ui:
            for key in ("r", "U"):
                await ui.press(key, "escape")
                assert ui.app.screen is ui.console
