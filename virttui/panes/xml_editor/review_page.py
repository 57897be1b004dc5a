"""The page before anything is written: what changes, when, the checks, what will be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from virttui import formatting
from virttui.libvirtxml.text.redaction import LOST_SECRET
from virttui.model.commands import ApplyWhen, LiveChange
from virttui.model.errors import OperationError, SchemaError
from virttui.model.inventory import HostState
from virttui.model.severity import Severity
from virttui.panes.xml_editor.diff_rows import Difference
from virttui.render.chrome import rule
from virttui.render.glyphs import RenderContext
from virttui.render.line import BLANK, Background, Line, Role, Run, within, wrapped


class ReviewCheck(Struct, frozen=True):
    """One line of what was checked."""

    name: str
    words: str
    level: Severity = Severity.OK


class Review(Struct, frozen=True):
    """All that is told before the text is written.

    ``running`` offers to change the running domain too: ``steps`` can be tried, ``waiting`` count
    from the next start on. ``refusal`` is why libvirt did not take it a moment ago. ``new`` says
    that it defines what does not exist.
    """

    difference: Difference
    checks: tuple[ReviewCheck, ...] = ()
    when: ApplyWhen = ApplyWhen.NEXT_BOOT
    running: bool = False
    steps: tuple[LiveChange, ...] = ()
    waiting: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    by_hand: str = ""
    refusal: OperationError | None = None
    new: bool = False
    domain: bool = True

    @property
    def blocked(self) -> str:
        """The reason why it cannot be applied, "" when it can."""
        if not self.difference.changes:
            return "no differences from what is stored"
        if self.when is ApplyWhen.LIVE and not self.steps:
            return "no change can be applied to a running domain"
        error = [
            check for check in self.checks if check.level is Severity.ERROR and check.name == "text"
        ]
        return error[0].words if error else ""

    @property
    def refused_by_schema(self) -> bool:
        """Return true if a second, deliberate key may define it without validation."""
        return isinstance(self.refusal, SchemaError)

    def whens(self) -> list[tuple[ApplyWhen, str]]:
        """The choices of when, each with what it means for these changes."""
        number = len(self.steps) + len(self.waiting)
        every = "all changes" if number != 1 else "this change"
        what = ", ".join(dict.fromkeys(step.what for step in self.steps)) or "nothing can"
        if len(what) > 20:
            what = f"{len(self.steps)} of {formatting.counted(number, 'change')}"
        return [
            (ApplyWhen.NEXT_BOOT, every),
            (ApplyWhen.LIVE, f"{what} only" if self.steps else what),
            (ApplyWhen.BOTH, "now what can be" if self.steps else "as next boot"),
        ]


WHEN_LABELS = {
    ApplyWhen.NEXT_BOOT: "next boot",
    ApplyWhen.LIVE: "now, live",
    ApplyWhen.BOTH: "both",
}
WHEN_VERBS = {
    ApplyWhen.NEXT_BOOT: "Apply at next boot",
    ApplyWhen.LIVE: "Apply now",
    ApplyWhen.BOTH: "Apply now and at next boot",
}


def side(review: Review, look: RenderContext, width: int) -> list[Line]:
    """The part beside the differences."""
    lines = [rule("checks", "", look, width)]
    for check in review.checks:
        lines += _check_lines(check, look, width)
    if review.refusal is not None:
        lines += _refusal_lines(review.refusal, look, width)
    if review.running:
        lines += [BLANK, rule("when", "", look, width), *_when_lines(review, width)]
    lines += [BLANK, rule("what will be done", "", look, width)]
    for number, words in enumerate(review.runs, 1):
        lines += _numbered_lines(Run(f" {number}  ", Role.MUTED), words, width, Role.TEXT)
    if review.by_hand:
        lines += [BLANK, rule("equivalent virsh commands", "", look, width)]
        lines += [(Run(f" {part}"),) for part in wrapped(review.by_hand, width - 2)]
        lines.append((Run(" y copies it", Role.MUTED),))
    return [within(line, width) for line in lines]


def _check_lines(check: ReviewCheck, look: RenderContext, width: int) -> list[Line]:
    sign, role = {
        Severity.OK: (look.glyphs.running, Role.OK),
        Severity.WARNING: (look.glyphs.warning, Role.WARN),
        Severity.ERROR: (look.glyphs.failed, Role.BAD),
    }[check.level]
    words = wrapped(check.words, width - 15)
    shown = Role.TEXT if check.level is Severity.OK else role
    first = (Run(f" {sign} ", role), Run(f"{check.name:<11}", Role.MUTED), Run(words[0], shown))
    return [first, *((Run(" " * 14), Run(more, shown)) for more in words[1:])]


def _refusal_lines(trouble: OperationError, look: RenderContext, width: int) -> list[Line]:
    lines: list[Line] = [BLANK, rule("libvirt refused it", "", look, width)]
    lines += [(Run(f" {part}", Role.BAD),) for part in wrapped(trouble.message, width - 2)]
    if trouble.libvirt_message:
        lines += [
            (Run(f" {part}", Role.MUTED),) for part in wrapped(f'"{trouble.quoted}"', width - 2)
        ]
    if isinstance(trouble, SchemaError):
        again = "A defines it without validation: what libvirt does not know is dropped"
        lines += [(Run(f" {part}"),) for part in wrapped(again, width - 2)]
    return lines


def _when_lines(review: Review, width: int) -> list[Line]:
    lines: list[Line] = []
    for when, means in review.whens():
        chosen = when is review.when
        lines.append(
            (
                Run(" (•) " if chosen else " ( ) ", Role.ACCENT_STRONG if chosen else Role.MUTED),
                Run(f"{WHEN_LABELS[when]:<12}", Role.STRONG if chosen else Role.TEXT),
                Run(means, Role.MUTED),
            )
        )
    if review.waiting and review.when is not ApplyWhen.NEXT_BOOT:
        names = formatting.listed(list(dict.fromkeys(review.waiting)))
        needs = "needs" if len(set(review.waiting)) == 1 else "need"
        lines.append(BLANK)
        note = f"{names} {needs} a restart of the guest; it is not restarted."
        lines += [(Run(f" {part}", Role.MUTED),) for part in wrapped(note, width - 2)]
    return lines


def _numbered_lines(begin: Run, words: str, width: int, role: Role) -> list[Line]:
    room = width - len(begin.text) - 1
    first, *rest = wrapped(words, room)
    blank = " " * len(begin.text)
    return [(begin, Run(first, role)), *((Run(blank), Run(more, role)) for more in rest)]


def button_line(review: Review) -> Line:
    """``Back to the editor   a Apply at next boot``; going back has the focus."""
    acts = WHEN_VERBS[review.when] if review.running else ("Define it" if review.new else "Apply")
    back = (Run(" "), Run(" Back to the editor ", Role.BUTTON), Run("  "))
    if review.blocked:
        note = (Run(f"  {review.blocked}", Role.FAINT),)
        return (*back, Run(f" a {acts} ", Role.FAINT, Background.FIELD), *note)
    return (
        *back,
        Run(" a", Role.ACCENT_STRONG, Background.FIELD),
        Run(f" {acts} ", Role.TEXT, Background.FIELD),
        Run("    enter goes back; only a applies", Role.MUTED),
    )


class ReviewInput(Struct, frozen=True):
    """The input for the checks of a review."""

    problems: int = 0
    warnings: int = 0
    schema: str = ""
    note: str = ""
    secrets: int = 0
    unknown_secrets: Sequence[str] = ()
    merged: Sequence[str] = ()
    why_not: str = ""
    first: str = ""
    host_words: str = ""
    history_number: int = 0
    extra: tuple[ReviewCheck, ...] = ()


def memory_check(host: HostState, more: int, look: RenderContext) -> tuple[ReviewCheck, ...]:
    """The memory that a host would promise with so many bytes more."""
    real = host.figures.memory_total
    if host.memory_promised is None or not real:
        return ()
    ratio = (host.memory_promised + more) / real
    over = ratio > look.limits.memory_promised
    words = f"{host.name} would commit {formatting.times(ratio)} of its {formatting.size(real)}"
    return (ReviewCheck("memory", words, Severity.WARNING if over else Severity.OK),)


def _placeholder_checks(secrets: Sequence[str]) -> Iterator[ReviewCheck]:
    """Errors about placeholders that stand for no password."""
    which = [one for one in secrets if one != LOST_SECRET]
    if which:
        yield ReviewCheck(
            "text", f"{', '.join(which)} is a placeholder for an unknown password", Severity.ERROR
        )
    if LOST_SECRET in secrets:
        words = f"drafts hold no passwords: type it in place of {LOST_SECRET}"
        yield ReviewCheck("text", words, Severity.ERROR)


def checks(facts: ReviewInput) -> tuple[ReviewCheck, ...]:
    """The lines of the checks."""
    found: list[ReviewCheck] = []
    if facts.why_not:
        found.append(ReviewCheck("text", facts.why_not, Severity.ERROR))
    found += _placeholder_checks(facts.unknown_secrets)
    if facts.problems:
        more = f" and {facts.problems - 1} more" if facts.problems > 1 else ""
        found.append(ReviewCheck("schema", f"{facts.first}{more}", Severity.ERROR))
    elif facts.schema:
        found.append(ReviewCheck("schema", "valid"))
    if facts.note:
        found.append(ReviewCheck("schema", facts.note, Severity.WARNING))
    if facts.warnings:
        found.append(ReviewCheck("host", facts.host_words, Severity.WARNING))
    elif facts.schema and not facts.problems:
        found.append(ReviewCheck("host", "knows every value"))
    if facts.merged:
        found.append(ReviewCheck("elsewhere", f"{formatting.listed(list(facts.merged))} merged"))
    if facts.secrets:
        found.append(
            ReviewCheck("secrets", f"{formatting.counted(facts.secrets, 'password')} kept")
        )
    return (*found, *facts.extra)
