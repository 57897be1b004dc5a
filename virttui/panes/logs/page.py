"""The page of a domain's logs as lines: the sources, their lines, and what one line means."""

from __future__ import annotations

from collections.abc import Sequence

from virttui import formatting
from virttui.model.domains.known_messages import meaning_of
from virttui.model.domains.logs import LineTime, LogLine, LogSource, LogState
from virttui.model.severity import Severity
from virttui.panes.logs.line_text import moment, shown, time_text, time_width, without_time
from virttui.panes.logs.log_list import LogList
from virttui.panes.logs.sources import head, one_line, reason, source_line
from virttui.render import chrome
from virttui.render.chrome import KeyHint, pane_rule
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
    on,
    within,
    wrapped,
)

WIDE = 100
"""Columns from which on the sources have a table of their own, where there are lines for it."""
_HIGH = 30
_DETAIL, _SMALL_DETAIL = 9, 3
_SOURCE = 8
_LABEL = 8
_WHOLE = 3

_ROLES = {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARN, Severity.OK: Role.TEXT}


def body(log: LogList, look: RenderContext, height: int) -> list[Line]:
    """Exactly ``height`` lines: sources where there is room for them, lines, the chosen one."""
    width = log.size[0]
    lines: list[Line] = []
    has_table = is_wide(log)
    detail = (_DETAIL if has_table else _SMALL_DETAIL) + 1 if log.size[1] >= 18 else 0
    if log.in_sources and not has_table:
        lines += _sources(log, look, width, height - detail)
    else:
        if has_table:
            lines += _sources(log, look, width, 2 + min(6, len(log.sources)))
        lines += _lines(log, look, width, height - detail - len(lines))
    lines = [*lines, *[BLANK] * height][: height - detail]
    return [*lines, *_detail(log, look, width, detail)] if detail else lines


def is_wide(log: LogList) -> bool:
    """Whether sources and lines are in view together."""
    width, height = log.size
    return width >= WIDE and height >= _HIGH


# -- the sources -----------------------------------------------------------------------------


def _sources(log: LogList, look: RenderContext, width: int, height: int) -> list[Line]:
    sources = log.sources
    on_page = sum(one.name not in log.hidden for one in sources)
    title = f"logs of {log.name}"
    count = formatting.counted(on_page, "source")
    if on_page < len(sources):
        count = f"{on_page} of {formatting.counted(len(sources), 'source')}"
    order = "space shows or hides" if log.in_sources else ""
    lines = [
        pane_rule(
            title,
            count,
            (),
            "",
            order,
            focused=log.has_focus and log.in_sources,
            look=look,
            width=width,
        ),
        head(width),
    ]
    room = height - len(lines)
    begin = max(0, log.source_place - room + 1) if log.in_sources else 0
    for place, source in enumerate(sources[begin : begin + room], begin):
        cursor = log.in_sources and place == log.source_place
        lines.append(source_line(source, log, look, width, cursor=cursor))
    return lines


# -- the lines -------------------------------------------------------------------------------


def _lines(log: LogList, look: RenderContext, width: int, height: int) -> list[Line]:
    first = log.lines[0].at if log.lines else None
    times = time_width(first, look.epoch)
    log.fit_lines(height - 2, width - _text_at(times))
    text = f"{'TIME':<{times - 1}} {'SOURCE':<{_SOURCE}}   LINE"
    lines = [_rule(log, look, width), within((Run(f"  {text}", Role.MUTED),), width)]
    if not log.lines:
        words = f" {_nothing(log)}"
        return [*lines, BLANK, (Run(cut_end(words, width)),), *[BLANK] * height][:height]
    place = log.top
    while len(lines) < height and place < len(log.lines):
        lines += _log_line(log, place, look, times, width)
        place += 1
    return [*lines, *[BLANK] * height][:height]


def _text_at(times: int) -> int:
    """The cells before the text of a line."""
    return 1 + times + 1 + _SOURCE + 3


def _log_line(log: LogList, place: int, look: RenderContext, times: int, width: int) -> list[Line]:
    """One line of a log, in as many rows as it takes."""
    line, glyphs = log.lines[place], look.glyphs
    cursor = place == log.place
    mark = glyphs.cursor if cursor and not log.in_sources else " "
    when = f"{time_text(line, look.epoch, times):>{times}}"
    sign = {Severity.ERROR: glyphs.failed, Severity.WARNING: glyphs.warning}.get(line.level, " ")
    role = _ROLES[line.level]
    rows: list[Line] = []
    for number, piece in enumerate(log.screen_rows(place)):
        begin: Line = (
            Run(mark, Role.ACCENT),
            Run(when, Role.MUTED),
            Run(glyphs.marked if id(line) in log.marks else " ", Role.ACCENT_STRONG),
            Run(f"{fit(line.source, _SOURCE)} ", Role.MUTED),
            Run(sign, role),
            Run(" "),
        )
        if number:
            begin = (Run(f"{mark}{'':<{_text_at(times) - 1}}", Role.ACCENT),)
        text = _ours(piece, look, width) if line.ours else clean(piece)
        shown_text = Run(
            cut_end(text, log.text_width, glyphs.cut), Role.MUTED if line.ours else role
        )
        row = within((*begin, shown_text), width)
        is_chosen = cursor and log.has_focus and not log.in_sources
        rows.append(on(row, Background.CURSOR) if is_chosen else row)
    return rows


def _ours(words: str, look: RenderContext, width: int) -> str:
    """Words of ours between the lines of a file: a rule tells them apart."""
    stroke = look.glyphs.rule
    return f"{stroke * 2} {words} {stroke * max(2, width)}"


def _rule(log: LogList, look: RenderContext, width: int) -> Line:
    total, number = len(log.all_lines), len(log.lines)
    count = str(number) if number == total else f"{number} of {total}"
    notes: list[Run] = []
    if is_wide(log):
        title = "lines"
    else:
        name = log.name
        title = f"logs of {name}"
        notes.append(Run("", Role.MUTED))
    if log.filter_text:
        notes.append(Run(f"/{clean(log.filter_text)}", Role.ACCENT))
    order = "following" if log.follows else f"{max(0, number - 1 - log.place)} newer"
    if is_wide(log):
        order = f"{order}   newest last"
    marks = f"{len(log.marks)} marked" if log.marks else ""
    notes = [note for note in notes if note.text]
    if not is_wide(log) and not notes:
        rule = pane_rule(
            title, count, (), marks, order, focused=log.has_focus, look=look, width=width
        )
        return _with_sources(rule, log, look)
    return pane_rule(
        title,
        count,
        notes,
        marks,
        order,
        focused=log.has_focus and not log.in_sources,
        look=look,
        width=width,
    )


def _with_sources(rule: Line, log: LogList, look: RenderContext) -> Line:
    """The rule with the names of the sources on its stroke, where they have room."""
    names = one_line(log, look)
    needed = sum(len(run.text) for run in names) + 3
    stroke = look.glyphs.rule
    for place, run in enumerate(rule):
        if place and run.text.strip(f"{stroke} ") == "" and run.text.count(stroke) >= needed + 2:
            rest = stroke * (run.text.count(stroke) - needed)
            padded = (Run(f"{stroke} ", Role.LINE), *names, Run(f" {rest}", Role.LINE))
            head_text = run.text[: len(run.text) - len(run.text.lstrip(" "))]
            tail_text = run.text[len(run.text.rstrip(" ")) :]
            return (
                *rule[:place], Run(head_text, Role.LINE), *padded, Run(tail_text, Role.LINE),
                *rule[place + 1 :],
            )  # fmt: skip
    return rule


def _nothing(log: LogList) -> str:
    """Why there are no lines."""
    if log.all_lines:
        total = formatting.counted(len(log.all_lines), "line")
        if log.filter_text:
            return f"none of {total} matches /{clean(log.filter_text)}. esc clears the filter"
        return f"all {total} are of sources that are hidden: tab, then space shows them"
    if not log.told_sources or any(one.state is LogState.ASKED for one in log.told_sources):
        return "its logs are looked for"
    return "none of its sources has a line"


# -- one line --------------------------------------------------------------------------------


def _detail(log: LogList, look: RenderContext, width: int, height: int) -> list[Line]:
    """The line under the cursor whole, what it means, and what else happened."""
    line = log.line
    if log.in_sources:
        return _source_detail(log.source, log, look, width, height)
    place = f"line {log.place + 1} of {len(log.lines)}" if line is not None else ""
    lines = [chrome.rule("this line", place, look, width)]
    if line is None:
        return [*lines, *[BLANK] * height][:height]
    found = meaning_of(log.kind_of(line.source), shown(line.text))
    small = height <= _SMALL_DETAIL + 1
    facts: list[tuple[str, list[str], Role]] = []
    most = 1 if small and found.text else _WHOLE
    facts.append(("whole", _cut_lines(line.text, width, 2 if small else most, look), Role.TEXT))
    if found.text and not line.ours:
        facts.append(("means", _cut_lines(found.text, width, 1, look), Role.TEXT))
    if found.advice and not line.ours:
        facts.append(("try", _cut_lines(found.advice, width, 1, look), Role.TEXT))
    if not small or not found.text:
        facts.append(("time", _cut_lines(_time(line), width, 1, look), Role.MUTED))
        facts.append(("around", _around(log, look, width), Role.TEXT))
    for label, rows, role in facts:
        for number, row in enumerate(rows):
            lines.append((Run(f" {'' if number else label:<{_LABEL}}", Role.MUTED), Run(row, role)))
    return [*lines, *[BLANK] * height][:height]


def _cut_lines(text: str, width: int, most: int, look: RenderContext) -> list[str]:
    rows = wrapped(text, width - _LABEL - 2)
    if len(rows) > most:
        rows = [*rows[: most - 1], cut_end(" ".join(rows[most - 1 :]), width - _LABEL - 2,
                                           look.glyphs.cut)]  # fmt: skip
    return rows


def _time(line: LogLine) -> str:
    """When it was written, and how that is known."""
    at = moment(line.at)
    return {
        LineTime.OWN: f"{at}, as the line says, in the zone of this computer",
        LineTime.ABOVE: f"{at} is that of the line above: this one has none",
        LineTime.READ: f"{at} is when it was read: the line has no time of its own",
        LineTime.BEFORE: f"{at} at the latest: it has no time, its file was last written then",
    }[line.time]


def _around(log: LogList, look: RenderContext, width: int) -> list[str]:
    """What else happened within a second, that of other sources first."""
    around = log.around()
    if not around.lines:
        return ["nothing else within 1 s"]
    line = log.line
    assert line is not None
    count = formatting.counted(len(around.lines), "other line")
    sources = formatting.counted(around.sources, "source")
    rows = [f"{count} within 1 s, {sources}: space marks lines, y copies them"]
    others: Sequence[LogLine] = [one for one in around.lines if one.source != line.source]
    for one in others[:3]:
        text = f"{one.source:<{_SOURCE}} {without_time(one)}"
        rows.append(cut_end(clean(text), width - _LABEL - 2, look.glyphs.cut))
    return rows


def _source_detail(
    source: LogSource, log: LogList, look: RenderContext, width: int, height: int
) -> list[Line]:
    """What is known of a source."""
    lines = [chrome.rule("this source", clean(source.name), look, width)]
    facts = [("where", clean(source.where)), ("why not", source.reason), ("try", source.advice)]
    if source.state.is_read and source.reason:
        facts[1] = ("shown", source.reason)
    count = formatting.counted(log.kept.count(source.name), "line")
    more = "; at the top, up reads older ones" if source.older else ""
    if log.kept.was_cut(source.name):
        more = "; older ones were let go: e on its host reads them all"
    facts.append(("here", f"{count}{more}"))
    for label, fact in facts:
        for number, row in enumerate(wrapped(fact, width - _LABEL - 2) if fact else ()):
            lines.append((Run(f" {'' if number else label:<{_LABEL}}", Role.MUTED), Run(row)))
    return [*lines, *[BLANK] * height][:height]


# -- the two last lines ------------------------------------------------------------------------


def status(log: LogList) -> Line:
    """What is not read, and why, in a sentence; else the state of the domain."""
    name = log.name
    host = log.host
    for source in log.sources:
        if source.state is LogState.SHUT:
            words = f"{host} lets you not read its {clean(source.name)} log: {reason(source)}"
            return Run(name, Role.STRONG), Run(f"  {words}", Role.WARN)
        if source.state in (LogState.UNREADABLE, LogState.AWAY):
            words = f"its {clean(source.name)} log is not read: {reason(source)}"
            return Run(name, Role.STRONG), Run(f"  {words}", Role.WARN)
    trouble = sum(line.level is Severity.ERROR for line in log.lines)
    if trouble:
        return Run(name, Role.STRONG), Run(
            f"  {formatting.counted(trouble, 'line')} {'sounds' if trouble == 1 else 'sound'} "
            "like trouble: N goes back to them"
        )
    return Run(name, Role.STRONG), Run("  no line sounds like trouble")


def log_file_offered(source: LogSource) -> bool:
    """Whether a source is a serial console that is in no file, and could be."""
    return source.state is LogState.NOT_KEPT and bool(source.device)


def device_of_alias(alias: str) -> str:
    """libvirt's alias as ``:set`` names the device: it counts from 1, aliases from 0."""
    kind = alias.rstrip("0123456789")
    return f"{kind}{int(alias[len(kind) :]) + 1}"


def hints(log: LogList) -> list[KeyHint]:
    """The keys of the page."""
    if log.in_sources:
        return [
            KeyHint("space", "show or hide"),
            KeyHint("tab", "lines"),
            KeyHint("esc", "lines", keep=True),
            KeyHint("?", "keys", keep=True),
        ]
    there = bool(log.lines)
    trouble = any(line.level is not Severity.OK for line in log.lines)
    return [
        KeyHint("/", "filter"),
        KeyHint("n N", "next trouble", trouble),
        *((KeyHint("a", "log its console"),) if any(map(log_file_offered, log.sources)) else ()),
        KeyHint("space", "mark", there),
        KeyHint("y", "copy", there),
        KeyHint("e", "to a file", there),
        KeyHint("f", "follow", not log.follows),
        KeyHint("tab", "sources"),
        *(() if log.is_of_host else (KeyHint("c", "console"),)),
        KeyHint("L", "whole lines"),
        KeyHint("esc", "back", keep=True),
        KeyHint("?", "keys", keep=True),
    ]
