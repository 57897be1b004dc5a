"""One guest's screen among several, as the lines of a tile: whose it is, and what it says."""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from virttui.model.inventory import DomainState
from virttui.panes.tiles.heading import TileOwner, heading, stepped_age
from virttui.render.glyphs import RenderContext
from virttui.render.line import Line, Role, Run, clean, cut_end, within, wrapped
from virttui.store.attention import domain_alarms

_AT_A_PROMPT = frozenset({"login", "shell", "password"})
"""What a guest says that has come up."""

_NOTES = 2
"""Lines that a sentence above a picture takes at most."""


class Standing(IntEnum):
    """How a guest stands, those first that somebody has to look at."""

    TROUBLE = 0
    NO_ANSWER = 1
    OFF = 2
    ELSEWHERE = 3
    IMAGE = 4
    NO_SCREEN = 5
    AT_A_LOGIN = 6
    NOT_SEEN = 7

    @property
    def rank(self) -> int:
        """Its place in the order; who was not looked at yet stays where it is."""
        return min(self, Standing.AT_A_LOGIN)

    def counted(self, number: int) -> str:
        """``2 in trouble``."""
        return f"{number} {_WORDS[self]}"


_WORDS = {
    Standing.TROUBLE: "in trouble",
    Standing.NO_ANSWER: "without an answer",
    Standing.OFF: "off",
    Standing.ELSEWHERE: "not at a login",
    Standing.IMAGE: "with an image",
    Standing.NO_SCREEN: "without a screen",
    Standing.AT_A_LOGIN: "at a login",
    Standing.NOT_SEEN: "not seen yet",
}


class ScreenContent(Struct, frozen=True):
    """What was seen of a screen.

    ``age`` is in seconds, None until there was a picture. ``is_text`` says that it was read as
    text, ``is_blank`` that it had none. ``word`` and ``sentence`` say what state is recognised, ""
    for none; ``trouble`` that somebody has to look at it. ``why_not`` says why the last picture
    failed, "" where it did not; ``no_screen`` that there is no video device.
    """

    age: float | None = None
    is_text: bool = False
    is_blank: bool = False
    word: str = ""
    sentence: str = ""
    trouble: bool = False
    why_not: str = ""
    no_screen: bool = False


class ScreenTile(Struct, frozen=True):
    """One guest, and what was seen of its screen."""

    owner: TileOwner
    content: ScreenContent

    @property
    def unanswered(self) -> str:
        """Why its screen cannot be seen as it is now, though it is on; "" where it can."""
        row = self.owner.row
        if row is None or not self.owner.is_on:
            return ""
        if row.inventory.host.read_only:
            return f"{clean(row.inventory.host.name)} is open for reading only: no picture is taken"
        if not row.inventory.current:
            return f"{clean(row.inventory.host.name)} does not answer"
        if self.owner.domain.silent_at is not None:
            return "its QEMU does not answer, so no picture is taken"
        return "" if self.content.no_screen else self.content.why_not

    @property
    def shows_screen(self) -> bool:
        """Whether there is a picture to be shown, be it an old one."""
        return self.owner.is_on and self.content.age is not None and not self.content.is_blank


def standing(tile: ScreenTile) -> Standing:
    """How the guest of a tile stands."""
    seen = tile.content
    if domain_alarms(tile.owner.domain) and tile.owner.domain.silent_at is None:
        return Standing.TROUBLE
    if not tile.owner.is_on:
        return Standing.OFF
    if tile.unanswered:
        return Standing.NO_ANSWER
    if seen.no_screen:
        return Standing.NO_SCREEN
    if seen.age is None:
        return Standing.NOT_SEEN
    if seen.trouble:
        return Standing.TROUBLE
    if not seen.is_text:
        return Standing.IMAGE
    paused = tile.owner.domain.state in (DomainState.PAUSED, DomainState.PMSUSPENDED)
    return Standing.AT_A_LOGIN if seen.word in _AT_A_PROMPT and not paused else Standing.ELSEWHERE


# -- its lines -----------------------------------------------------------------------------


def tile_heading(tile: ScreenTile, look: RenderContext, width: int, *, chosen: bool) -> Line:
    """``─ web-03  ● running  login ─────── 5s ─``."""
    return heading(tile.owner, _says(tile), _age(tile), look, width, chosen=chosen)


def _says(tile: ScreenTile) -> Line:
    """The state that is recognised, in a word or two."""
    seen = tile.content
    if not tile.shows_screen:
        return ()
    word = seen.word or ("" if seen.is_text else "image")
    if not word:
        return ()
    role = Role.WARN if seen.trouble else Role.MUTED if tile.unanswered else Role.TEXT
    return (Run(f"  {word}", role),)


def _age(tile: ScreenTile) -> Line:
    """The age of the picture, in steps that change seldom."""
    age = tile.content.age
    if age is None or not tile.owner.is_on:
        return ()
    text = stepped_age(age)
    if tile.unanswered:
        return (Run(f" {text} old ", Role.WARN),)
    return (Run(f" {text} ", Role.MUTED),)


def notes(tile: ScreenTile, look: RenderContext, width: int, height: int) -> list[Line]:
    """What is said above the picture, or in its place, in at most ``height`` lines."""
    seen, most = tile.content, height
    role = Role.TEXT
    if tile.shows_screen:
        most = min(height - 1, _NOTES)
        role = Role.WARN
        text = tile.unanswered or (seen.sentence if seen.trouble else "")
    else:
        text = sentence(tile)
        role = Role.WARN if tile.unanswered else Role.MUTED
    lines = wrapped(text, width - 2) if text else []
    if len(lines) > most:
        lines = [*lines[: most - 1], cut_end(" ".join(lines[most - 1 :]), width - 2)]
    return [within((Run(f" {line}", role),), width) for line in lines[: max(0, most)]]


def sentence(tile: ScreenTile) -> str:
    """The state of the guest's screen in words."""
    seen, name = tile.content, tile.owner.name
    if tile.owner.row is None:
        return f"{name} is gone."
    if not tile.owner.is_on:
        return f"It {state_word(tile)}, so it has no screen; s starts it."
    if tile.unanswered:
        why = tile.unanswered
        return f"I{why[1:]}." if why.startswith("its ") else f"{why}."
    if seen.no_screen:
        return "It has no video device, so it has no screen; its console is c."
    if seen.age is None:
        return "It was not looked at yet."
    if seen.is_blank:
        return "Its screen is blank."
    if seen.sentence:
        return seen.sentence
    return "It shows text that is not recognised." if seen.is_text else "It shows an image."


def state_word(tile: ScreenTile) -> str:
    """How a guest that is not on came to be so."""
    if tile.owner.domain.saved:
        return "is saved to disk"
    return "crashed" if domain_alarms(tile.owner.domain) else "is off"
