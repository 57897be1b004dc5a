"""The state of the page of a domain's backups, and the page as lines."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.backup.arguments import BackupArguments, BackupMode, BackupPlan
from virttui.model.backup.chains import damaged, newest_first
from virttui.model.backup.manifest import StoredBackup
from virttui.model.commands import Verb
from virttui.model.inventory import Pool
from virttui.model.tasks import Task, TaskState
from virttui.model.volumes import FILE_POOLS
from virttui.panes.backup import page
from virttui.panes.domain_page.list_state import DomainListViewState
from virttui.render import chrome
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Line, Role, Run, clean, within
from virttui.store.context_parts import active_pools

BACKUP_VERBS = frozenset({Verb.BACK_UP, Verb.VERIFY_BACKUP, Verb.DELETE_BACKUP, Verb.RESTORE})
MODES = (BackupMode.AUTOMATIC, BackupMode.FULL, BackupMode.DIFFERENTIAL)
_AROUND = 4
"""Lines around the body: tabs, crumb, answer, keys."""
_GAP = 2


class BackupsViewState(DomainListViewState):
    """The state behind the page.

    ``backups`` is None until they are told, newest first then; ``why_not`` says why they could not
    be, "" where they were. ``target_pool`` and ``mode`` are for the next one, ``plan`` is what it
    would do, None until that is told; ``plan_error`` says why it is not.
    """

    backups: tuple[StoredBackup, ...] | None = None
    unreadable: tuple[str, ...] = ()
    why_not: str = ""
    target_pool: Pool | None = None
    mode: BackupMode = BackupMode.AUTOMATIC
    plan: BackupPlan | None = None
    plan_error: str = ""
    second: bool = False
    """Whether a narrow page shows the next backup in place of the one under the cursor."""

    def take_backups(self, backups: Sequence[StoredBackup], unreadable: tuple[str, ...]) -> None:
        """Take what was told; the cursor stays on its backup, at first on the newest."""
        at = self.backup
        found = tuple(newest_first(backups))
        self.backups, self.unreadable = found, unreadable
        places = [p for p, one in enumerate(found) if at is not None and _same(one, at)]
        self.place = places[0] if places else max(0, min(self.place, len(found) - 1))

    @property
    def backup(self) -> StoredBackup | None:
        """The backup under the cursor."""
        return self.backups[self.place] if self.backups else None

    @property
    def length(self) -> int:
        """The number of rows."""
        return len(self.backups or ())

    def next_part(self) -> bool:
        """On a narrow page the backup and the plan take turns in being seen."""
        self.second = not self.second
        return True

    # -- the next one --------------------------------------------------------------------------

    def pools(self) -> list[Pool]:
        """The pools that backups can go to: active ones of files."""
        inventory = self.fleet_state.inventories.get(self.key.host)
        return [one for one in active_pools(inventory) if one.type in FILE_POOLS]

    def choose_pool(self) -> Pool | None:
        """The pool for the next backup: the one chosen, else that of the newest one, else one
        that none of its disks is in."""
        pools = self.pools()
        if self.target_pool is not None:
            self.target_pool = next((one for one in pools if one.key == self.target_pool.key), None)
        if self.target_pool is None and self.backups:
            newest = self.backups[0].pool
            self.target_pool = next((one for one in pools if one.key.uuid == newest), None)
        if self.target_pool is None:
            sources = [disk.source for disk in self._last.disks]
            apart = [one for one in pools if not any(_lies_in(one, path) for path in sources)]
            self.target_pool = next(iter([*apart, *pools]), None)
        return self.target_pool

    def arguments(self) -> BackupArguments | None:
        """What is asked for with the next one; None without a pool."""
        pool = self.choose_pool()
        if pool is None:
            return None
        return BackupArguments(pool.key, pool.name, self.mode, start_paused=True)

    @property
    def tasks_at_work(self) -> list[Task]:
        """The commands on backups of this domain that have not ended."""
        return [
            task
            for task in self.fleet_state.tasks
            if task.command.verb in BACKUP_VERBS
            and task.command.target.key == self.key
            and task.state in (TaskState.RUNNING, TaskState.WAITING)
        ]

    # -- the page ------------------------------------------------------------------------------

    @property
    def list_height(self) -> int:
        """Lines of the list."""
        body = self.size[1] - _AROUND - 2
        return max(3, body // 2 if self.size[1] >= 30 else body - 9)

    def body(self, look: RenderContext) -> list[Line]:
        """The list and what is known of the row under the cursor."""
        width, height = self.size[0], self.size[1] - _AROUND
        count = formatting.UNKNOWN if self.backups is None else str(len(self.backups) or "none")
        order = self._last_good(look)
        rule = chrome.pane_rule(
            "backups", count, (), "", order, focused=True, look=look, width=width
        )
        lines = [rule, page.header(width), *self._list(look)]
        below = height - len(lines)
        if width >= page.WIDE:
            left = (width - _GAP) // 2
            right = width - _GAP - left
            halves = zip(
                self._plan(look, left, below), self._about(look, right, below), strict=True
            )
            lines += [(*within(one, left + _GAP), *other) for one, other in halves]
        elif self.second:
            lines += self._plan(look, width, below)
        else:
            lines += self._about(look, width, below)
        return [*lines, *[BLANK] * (height - len(lines))][:height]

    def _list(self, look: RenderContext) -> list[Line]:
        width, rows = self.size[0], self.list_height
        at_work = [page.task_line(task, look, width) for task in self.tasks_at_work][: rows - 1]
        if not self.backups:
            words = within((Run(f" {self._words()}", Role.MUTED),), width)
            return [*at_work, words, *[BLANK] * (rows - 1 - len(at_work))]
        room = rows - len(at_work)
        self.offset = max(self.place - room + 1, min(self.offset, self.place))
        shown = self.backups[self.offset : self.offset + room]
        lines = [
            page.list_line(
                one, self.backups, look, width, chosen=self.offset + number == self.place
            )
            for number, one in enumerate(shown)
        ]
        return [*at_work, *lines, *[BLANK] * (room - len(lines))]

    def _plan(self, look: RenderContext, width: int, height: int) -> list[Line]:
        pool = self.choose_pool()
        where = f"to {clean(pool.name)}, {self.mode}" if pool is not None else "no pool of files"
        if pool is None:
            error = "no pool of files is on: 3, n makes one of a folder"
            lines = page.plan_lines(None, error, "", width)
        else:
            lines = page.plan_lines(self.plan, self.plan_error, pool.name, width)
        return _fitted(chrome.rule("if you press n", where, look, width), lines, height)

    def _about(self, look: RenderContext, width: int, height: int) -> list[Line]:
        backup = self.backup
        if backup is None or self.backups is None:
            lines = [within((Run(f" {clean(one)}", Role.WARN),), width) for one in self.unreadable]
            return _fitted(chrome.rule("no backup", "", look, width), lines, height)
        title = page.moment(backup.manifest.begun)
        lines = page.about(backup, self.backups, look, width)
        lines += [within((Run(f" {clean(one)}", Role.WARN),), width) for one in self.unreadable]
        return _fitted(chrome.rule(title, clean(backup.pool_name), look, width), lines, height)

    def _last_good(self, look: RenderContext) -> str:
        """The age of the newest backup that can be restored, as far as its list tells."""
        good = (
            one
            for one in self.backups or ()
            if not damaged(one, page.of_pool(one, self.backups or ()))
        )
        newest = next(good, None)
        if newest is None:
            return "none is complete" if self.backups else ""
        age = formatting.age(max(0.0, look.epoch - newest.manifest.begun))
        return f"last good {age} ago, newest first"

    def _words(self) -> str:
        """What stands in place of a list."""
        name = clean(self._last.name)
        if self.why_not:
            return clean(self.why_not)
        if self.backups is None:
            return f"asking for the backups of {name}"
        return f"no backup of {name} in a pool of its host. n takes one"

    def status_text(self, look: RenderContext) -> Line:
        """The backup under the cursor in one line."""
        return page.sentence(self.backup, self.backups or (), self.size[0])

    def hints(self) -> tuple[list[chrome.KeyHint], str]:
        """The keys of the page."""
        on_one = self.backup is not None
        can = not self.read_only
        possible = self.plan is not None and not self.plan.blockers
        shown = [
            chrome.KeyHint("n", "back up now", can and possible),
            chrome.KeyHint("r", "restore", can and on_one),
            chrome.KeyHint("V", "verify", can and on_one),
            chrome.KeyHint("U", "delete", can and on_one),
            chrome.KeyHint("e", "pool"),
            chrome.KeyHint("m", "full or not"),
        ]
        if self.size[0] < page.WIDE:
            shown.append(chrome.KeyHint("tab", "if you press n" if not self.second else "the one"))
        shown += [chrome.KeyHint("esc", "back"), chrome.KeyHint("?", "keys", keep=True)]
        return shown, ""


def _same(one: StoredBackup, other: StoredBackup) -> bool:
    return (one.pool, one.manifest_volume) == (other.pool, other.manifest_volume)


def _lies_in(pool: Pool, path: str) -> bool:
    return bool(pool.path) and path.startswith(pool.path.rstrip("/") + "/")


def _fitted(rule: Line, lines: list[Line], height: int) -> list[Line]:
    if height <= 0:
        return []
    shown = [rule, *lines][:height]
    return [*shown, *[BLANK] * (height - len(shown))]
