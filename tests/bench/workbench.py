"""The workbench on definitions of any length: opening, typing, being told what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from . import scene
from .app import App
from .budgets import Row, Table, median, waits
from .plan import Plan
from .rows import FEW, MANY

NAME = "db-00000"
WORD = "Number"
# What libvirt writes of an empty domain, and of one disk.
_FRAME, _DISK_LINES = 40, 5

_DISK = """\
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>\
<source file='/srv/images/disk-{number}.qcow2'/><target dev='vd{letters}' bus='virtio'/></disk>
"""


def workbench(table: Table, plan: Plan) -> None:
    """XML of 200, 1,000 and 10,000 lines: open, type, see what is wrong."""
    for lines in plan.lines:
        label = f"{lines:,} lines"
        opens: list[float] = []
        checks: list[float] = []
        keys: list[float] = []
        for _ in range(plan.runs):
            with App(["-c", _scene(plan.folder, lines)], scene.NAMED) as app:
                app.settle(plan)
                opens.append(_open(app))
                keys += _type(app, plan.keys)
                checks += _check(app)
        known = f"key to paint p99, {FEW if lines <= 1_000 else MANY}"
        table.add(Row(f"open a definition, {label}", median(opens), "ms"))
        table.add(waits(f"workbench, key to paint p99, {label}", keys, known))
        table.add(Row(f"from the last key to its faults, {label}", median(checks), "ms"))


def _open(app: App) -> float:
    """Milliseconds to the first lines of the long one; then go to a word of it."""
    app.child.write(f"/{NAME}\r")
    app.wait(lambda: app.selected == NAME, "the long one")
    took = app.until("x", _shows(r"1 +<domain type='test'"))
    checked, searched = _shows(r"─ no problems .*schema"), _shows(r"^ /")
    app.wait(lambda: checked(app.lines), "a check")
    app.child.write("\x06")
    app.wait(lambda: searched(app.lines), "the search")
    app.child.write(f"{WORD}\r")
    app.wait_text("f2 review")
    return took


def _type(app: App, count: int) -> list[float]:
    """Milliseconds from a letter to its place on the screen, for letters at random moments."""
    took: list[float] = []
    for number in range(count):
        app.pause()
        # So long as they fit the line; then they are taken back.
        key, left = ("x", number % 40 + 1) if number // 40 % 2 == 0 else ("\x7f", 39 - number % 40)
        took.append(app.until(key, _shows(rf">x{{{left}}}{WORD}")))
    return took


def _check(app: App) -> list[float]:
    """Milliseconds until a fault is told, and until it is told no more."""
    told, well = _shows(r"─ problems \d"), _shows(r"─ no problems")
    took: list[float] = []
    for _ in range(3):
        took += [app.until("&", told), app.until("\x7f", well)]
    return took


def _shows(pattern: str) -> Callable[[Sequence[str]], bool]:
    wanted = re.compile(pattern)
    return lambda lines: any(wanted.search(line) for line in lines)


def _scene(folder: Path, lines: int) -> str:
    """A scene of eight domains, the first with a definition of about so many lines."""
    path = folder / f"long-{lines}.xml"
    if not path.exists():
        whole = Path(scene.write(folder, 8).removeprefix("test://")).read_text()
        count = (lines - _FRAME) // _DISK_LINES
        disks = "".join(_DISK.format(number=n, letters=_letters(n)) for n in range(count))
        path.write_text(whole.replace("<console type='pty'/>", f"{disks}<console type='pty'/>", 1))
    return f"test://{path}"


def _letters(number: int) -> str:
    """Two or more letters, another each time: ``aa`` is behind the ``a`` that the scene has."""
    first, second = divmod(number, 26)
    begin = chr(97 + first) if first < 26 else _letters(first - 26)
    return begin + chr(97 + second)
