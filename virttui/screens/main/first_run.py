"""No libvirt answers yet: what was tried, the fix, and ways to go on now. It retries by itself."""

from __future__ import annotations

from msgspec import Struct
from textual import events
from textual.app import ComposeResult

from virttui import __version__, formatting
from virttui.model.backend import HostSpec
from virttui.model.inventory import HostState
from virttui.render.chrome import KeyHint, keys_line, rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import (
    BLANK,
    Background,
    Line,
    Role,
    Run,
    clean,
    cut_end,
    fit,
    within,
    wrapped,
)
from virttui.store.fleet_state import FleetState
from virttui.widgets.base_screen import LineScreen
from virttui.widgets.line_view import LineView


class FirstRunChoice(Struct, frozen=True):
    """One way to go on."""

    key: str
    words: str
    note: str


WAYS = (
    FirstRunChoice("d", "the demo", "simulated hosts to learn every key on"),
    FirstRunChoice("h", "another host", "qemu+ssh://you@host/system, with a key of yours"),
    FirstRunChoice("t", "try again", "also retried by itself"),
)


class FirstRunScreen(LineScreen[None], inherit_bindings=False):
    """The page an operator sees who has no libvirt yet, or may not use it."""

    def __init__(self) -> None:
        super().__init__(name="first-run")
        self._fleet_state = FleetState()
        self._place = 0
        self._page = LineView(id="page")
        self._answer = LineView(id="answer")
        self._keys = LineView(id="keys")

    def compose(self) -> ComposeResult:
        """The page, libvirt's words, the keys."""
        yield self._page
        yield self._answer
        yield self._keys

    def on_mount(self) -> None:
        """Draw for the first time."""
        self.update_state(self.console.fleet_state())

    def on_resize(self) -> None:
        """Lines have the terminal's width."""
        self.draw()

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now."""
        self._fleet_state = fleet_state
        self.draw()

    def draw(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look, width = self.console.look, self.app.size.width
        hosts = [inventory.host for inventory in self._fleet_state.inventories.values()]
        environment = self.console.settings.environment
        configured = len(self.console.settings.hosts)
        lines = page(hosts, environment.get("LIBVIRT_DEFAULT_URI", ""), configured, look, width)
        lines += [self._way(place, hosts, look, width) for place in range(len(WAYS))]
        lines += [BLANK, (Run("   Nothing has been changed on this machine.", Role.MUTED),)]
        self._page.set_lines([look.with_glyphs(within(line, width)) for line in lines])
        said = next(
            (h.trouble.quoted for h in hosts if h.trouble and h.trouble.libvirt_message), ""
        )
        answer: Line = BLANK
        if said:
            words = cut_end(clean(said), width - 17)
            answer = (Run(" libvirt says", Role.STRONG), Run(f"  {words}"))
        self._answer.set_lines([look.with_glyphs(within(answer, width))])
        hints = [
            KeyHint("enter", "choose"),
            *(KeyHint(way.key, way.words.removeprefix("the ")) for way in WAYS),
            KeyHint("q", "quit", keep=True),
        ]
        self._keys.set_lines([look.with_glyphs(keys_line(hints, width))])

    def _way(self, place: int, hosts: list[HostState], look: RenderContext, width: int) -> Line:
        way = WAYS[place]
        lit = place == self._place
        background = Background.CURSOR if lit else Background.PLAIN
        note = way.note
        tries = [h.next_try_at for h in hosts if h.next_try_at is not None]
        if way.key == "t" and tries and min(tries) > look.now:
            note += f", next in {formatting.span(min(tries) - look.now)}"
        runs = (
            Run(look.glyphs.cursor if lit else " ", Role.ACCENT, background),
            Run(f"  {way.key}", Role.ACCENT_STRONG, background),
            Run(f" {way.words:<17}", Role.STRONG if lit else Role.TEXT, background),
            Run(note, Role.TEXT if lit else Role.MUTED, background),
        )
        return within(runs, width, background)

    # -- keys ------------------------------------------------------------------------------

    def take_key(self, event: events.Key) -> bool:
        """The keys of the ways, moving, and ``q``."""
        key = event.key
        if key in ("up", "k", "down", "j"):
            step = -1 if key in ("up", "k") else 1
            self._place = max(0, min(self._place + step, len(WAYS) - 1))
            self.draw()
        elif key == "enter":
            self._go(WAYS[self._place].key)
        elif key in ("q", "ctrl+c"):
            self.console.leave()
        else:
            self._go(key)
        return True

    def _go(self, key: str) -> None:
        if key == "d":
            self.console.open_demo()
        elif key in ("t", "ctrl+r"):
            self.console.refresh_now()
        elif key == "h":
            self.run_flow(self._ask_host())

    async def _ask_host(self) -> None:
        from virttui.modals.base.open_host import HostDialog

        uri = await self.show_dialog(HostDialog())
        if uri:
            self.console.reopen((HostSpec(uri, uri),))


def page(
    hosts: list[HostState], default_uri: str, configured: int, look: RenderContext, width: int
) -> list[Line]:
    """The page above its menu: what was tried, and the fix."""
    version = f"{__version__} "
    head: Line = (
        Run(" "),
        Run(" virttui ", Role.TAB),
        Run(" no libvirt answers yet", Role.STRONG),
    )
    blank = max(1, width - 33 - len(version))
    lines: list[Line] = [(*head, Run(" " * blank), Run(version, Role.MUTED)), BLANK]
    lines.append(rule("what was tried", "", look, width))
    for host in hosts:
        why = host.trouble.message if host.trouble else "no answer"
        lines.append(
            (
                Run(f" {look.glyphs.failed}", Role.BAD),
                Run(f" {fit(host.uri, 24)} {cut_end(clean(why), width - 30)}"),
            )
        )
    lines.append(_also("$LIBVIRT_DEFAULT_URI", default_uri or "not set", look))
    what = f"{configured}" if configured else "none yet"
    lines += [_also("hosts in the config", what, look), BLANK]
    advice = next((h.trouble.advice for h in hosts if h.trouble and h.trouble.advice), "")
    lines.append(rule("the fix", "", look, width))
    for part in wrapped(advice or "virttui doctor says what is missing, and how to fix it",
                        width - 6):  # fmt: skip
        lines.append((Run(f"   {part}", Role.STRONG if advice else Role.TEXT),))
    strong = look.glyphs.strong_rule * 2
    ways = "or continue with"
    lines += [
        BLANK,
        (
            Run(f"{strong} ", Role.ACCENT),
            Run(f"{ways} ", Role.ACCENT_STRONG),
            Run(look.glyphs.rule * (width - 4 - len(ways)), Role.LINE),
        ),
    ]
    return lines


def _also(what: str, said: str, look: RenderContext) -> Line:
    return (Run(f" {look.glyphs.unknown} {what:<24} {clean(said)}", Role.MUTED),)
