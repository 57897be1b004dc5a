"""A page of logs: all its sources in one order of time, followed while it is open."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual import events
from textual.app import ComposeResult

from virttui import formatting
from virttui.local.private_files import write_whole
from virttui.model.domains.logs import HostLogRequest, LogLine, LogRequest, LogUpdate
from virttui.panes.logs.line_filter import read
from virttui.panes.logs.saved_text import as_text
from virttui.panes.logs.view_state import LogsPageState
from virttui.render.chrome import KeyHint, keys_line
from virttui.render.line import Role, Run
from virttui.screens.base.beside import beside
from virttui.screens.base.copy_menu import copy_selected
from virttui.screens.base.key_pages import logs_keys_page
from virttui.screens.base.state_page import StatePage
from virttui.screens.base.text_screen import MOST_COPIED
from virttui.store.fleet_state import FleetState
from virttui.widgets.line_view import LineView
from virttui.widgets.prompt import Prompt

_FILTER, _FILE = "/", "to file "


class LogsPage(StatePage[str], inherit_bindings=False):
    """Follows logs. Gives back the key to go on with, or ""."""

    view_state: LogsPageState

    def __init__(self, view_state: LogsPageState, request: LogRequest | HostLogRequest) -> None:
        super().__init__(name="logs")
        self.view_state = view_state
        self._request = request
        self._number: int | None = None
        self._asked_older = False
        self._body = LineView(id="page")
        self._answer = LineView(id="answer")
        self._prompt = Prompt()
        self._keys = LineView(id="keys")

    def compose(self) -> ComposeResult:
        """The page, the answer line or what is typed, the keys."""
        yield self._body
        yield self._answer
        yield self._prompt
        yield self._keys

    def on_mount(self) -> None:
        """Have the logs read."""
        self.view_state.resize(*self.size)
        logs = self.console.logs
        if logs is not None:
            self._number = logs.open_logs(self._request)
        self.console.update_screen()

    def on_unmount(self) -> None:
        """Have them read no longer."""
        if self._number is not None and (logs := self.console.logs) is not None:
            logs.close_logs(self._number)
            self._number = None

    # -- feeding and painting --------------------------------------------------------------

    def update_state(self, fleet_state: FleetState) -> None:
        """Take what is known now and paint what changed."""
        self.view_state.update(fleet_state)
        self.paint()

    def on_log_update(self, update: LogUpdate) -> None:
        """Take what was read."""
        if update.id == self._number:
            self._asked_older = False
            self.view_state.log.take_logs(update)
            if self.is_current:
                self.paint()

    def paint(self) -> None:
        """Draw everything; what is as before costs nothing."""
        look = self.look
        frame = self.view_state.logs_frame(look)
        self._body.set_lines([look.with_glyphs(line) for line in frame.body])
        self._answer.set_lines([look.with_glyphs(frame.answer)])
        keys = frame.keys
        if self._prompt.sign:
            done = "save" if self._prompt.sign == _FILE else "keep"
            shown = [KeyHint("enter", done), KeyHint("esc", "discard")]
            keys = keys_line(shown, self.view_state.size[0])
        self._keys.set_lines([look.with_glyphs(keys)])

    # -- keys ------------------------------------------------------------------------------

    def does(self) -> dict[str, Callable[[], object]]:
        """What each key does."""
        log = self.view_state.log
        half, page = max(1, log.log_rows // 2), log.log_rows
        return {
            "up": lambda: self._move(-1),
            "k": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "j": lambda: self._move(1),
            "pageup": lambda: self._move(-page),
            "pagedown": lambda: self._move(page),
            "ctrl+u": lambda: self._move(-half),
            "ctrl+d": lambda: self._move(half),
            "g": lambda: log.move_lines(-log.place),
            "home": lambda: log.move_lines(-log.place),
            "G": log.go_newest,
            "end": log.go_newest,
            "f": log.turn_follow,
            "L": self._turn_wrap,
            "n": lambda: self._next_trouble(1),
            "N": lambda: self._next_trouble(-1),
            "space": self._space,
            "tab": self._turn_part,
            "slash": lambda: self._open_prompt(_FILTER, log.filter_text),
            "e": self._ask_file,
            "y": self._copy,
            "question_mark": lambda: self.app.push_screen(logs_keys_page()),
            "ctrl+c": lambda: self.show_message(copy_selected(self, "esc goes back")),
            "escape": self._back,
            "q": self.leave,
        }

    def take_key(self, event: events.Key) -> bool:
        """What is typed goes into the line above the keys; everything else moves or acts."""
        if self._prompt.sign:
            return self._type(event)
        done = self.does().get(event.key)
        if done is not None:
            self.view_state.clear_message()
            done()
            if self.is_current:
                self.paint()
        return True

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        self._move(-3)
        self.paint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        self._move(3)
        self.paint()

    def leave(self, key: str = "") -> None:
        """Go back; ``key`` is what is to be done there."""
        if self.is_current:
            self.dismiss(key)

    def _back(self) -> None:
        """Take one layer away: the sources, marks, the filter, then the page."""
        log = self.view_state.log
        if log.in_sources:
            log.in_sources = False
        elif log.marks:
            log.marks.clear()
        elif log.filter:
            log.narrow_lines(read("", ())[0], "")
        else:
            self.leave()

    def _move(self, by: int) -> None:
        if not self.view_state.log.move_lines(by):
            self._read_older()

    def _read_older(self) -> None:
        """Read on above the first line, of each source that has more."""
        log, logs = self.view_state.log, self.console.logs
        if self._asked_older or logs is None or self._number is None:
            return
        wanted = [
            one.name
            for one in log.sources
            if one.older and one.name not in log.hidden and not log.kept.was_cut(one.name)
        ]
        for name in wanted:
            logs.read_older(self._number, name)
        self._asked_older = bool(wanted)
        self.show_message("older lines are read" if wanted else "there is nothing older to read")

    def _turn_wrap(self) -> None:
        log = self.view_state.log
        log.wraps = not log.wraps

    def _turn_part(self) -> None:
        log = self.view_state.log
        log.in_sources = not log.in_sources

    def _space(self) -> None:
        log = self.view_state.log
        if log.in_sources:
            log.turn_source()
        else:
            log.mark()

    def _next_trouble(self, step: int) -> None:
        if not self.view_state.log.next_trouble(step):
            way = "after" if step > 0 else "before"
            self.show_message(f"no line {way} this one sounds like trouble")

    def _copy(self) -> None:
        chosen = self.view_state.log.chosen
        text = as_text(chosen)
        if len(text) > MOST_COPIED:
            size = formatting.size(len(text))
            self.show_message(f"{size} are too much for a terminal's clipboard; e saves", bad=True)
        elif chosen:
            self.app.copy_to_clipboard(text)
            self.show_message(f"copied {formatting.counted(len(chosen), 'line')}")

    # -- what is typed -----------------------------------------------------------------------

    def _open_prompt(self, sign: str, text: str) -> None:
        self._answer.display = False
        self._prompt.open(sign, text)

    def _close_prompt(self) -> None:
        self._prompt.close()
        self._answer.display = True

    def _type(self, event: events.Key) -> bool:
        if event.key not in ("enter", "escape"):
            return self._prompt.take_key(event)
        sign, text = self._prompt.sign, self._prompt.text if event.key == "enter" else ""
        self._close_prompt()
        if sign == _FILTER:
            self._narrow(text)
        elif text.strip():
            self.run_flow(self._save(text.strip()))
        self.paint()
        return True

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filter as it is typed."""
        if self._prompt.sign == _FILTER:
            self._narrow(event.text)
            self.paint()

    def _narrow(self, text: str) -> None:
        """Show the lines that pass; while something is wrong, those of the last valid filter."""
        log = self.view_state.log
        filter, error, word = read(text, [one.name for one in log.sources])
        if not error:
            log.narrow_lines(filter, text.strip())
        if self._prompt.sign:
            matches = formatting.counted(len(log.lines), "line")
            role = Role.BAD if error or not log.lines else Role.MUTED
            self._prompt.note((Run(f"{error or matches} ", role),), word)
        elif error:
            self.show_message(error, bad=True)

    # -- to a file -----------------------------------------------------------------------------

    def _ask_file(self) -> None:
        log = self.view_state.log
        if not log.lines:
            self.show_message("save: there is no line")
            return
        name = "".join(c if c.isalnum() or c in "._-" else "_" for c in log.name)
        self._open_prompt(_FILE, f"~/{name}-logs.txt")
        count = len(log.chosen) if log.marks else len(log.lines)
        kind = "marked line" if log.marks else "line"
        self._prompt.note((Run(f"{formatting.counted(count, kind)} ", Role.MUTED),), "")

    async def _save(self, path: str) -> None:
        """Write the marked lines, or all that are shown; a file that is there already stays."""
        log = self.view_state.log
        lines: list[LogLine] = log.chosen if log.marks else list(log.lines)
        if error := await beside(partial(_written, path, lines)):
            self.show_message(f"nothing was saved: {error}: {path}", bad=True)
        else:
            self.show_message(f"saved {formatting.counted(len(lines), 'line')} to {path}")


def _written(path: str, lines: list[LogLine]) -> str:
    """Write lines to a file for its owner alone; returns why it could not be."""
    try:
        write_whole(Path(path).expanduser(), as_text(lines).encode(), mode=0o600, replace=False)
    except FileExistsError:
        return "there is such a file already"
    except OSError as error:
        return error.strerror or str(error)
    except RuntimeError as error:  # "~" of a user who is not there
        return str(error)
    return ""
