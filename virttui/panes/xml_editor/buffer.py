"""One document being edited: what it came from, what is stored now, and what was typed.

Three texts are held apart, all without their passwords: ``base`` is what the edit began with,
``current`` what libvirt stores now, ``text`` what is on the screen. They are one until somebody
types or somebody else writes.
"""

from __future__ import annotations

from enum import StrEnum

from virttui.libvirtxml.text.diff import ElementPaths, hunks
from virttui.libvirtxml.text.merge import Chunk, chunks
from virttui.libvirtxml.text.redaction import (
    redact,
    redact_for_draft,
    restore_secrets,
    unknown_placeholders,
)
from virttui.model.commands import ApplyWhen, Command, DefineArguments, LiveChange, Target, Verb
from virttui.model.documents import Document, DocumentText


class ReloadResult(StrEnum):
    """The result of reading a definition again."""

    FIRST = "first"
    NOTHING = "nothing"
    FOLLOWED = "followed"
    ELSEWHERE = "elsewhere"


class EditBuffer:
    """The texts of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.definition: DocumentText | None = None
        self.base = self.current = self.text = self.live = ""
        self.elsewhere_at: float | None = None
        self.elsewhere: tuple[str, ...] = ()
        self.missing = False
        self.unshown = ""
        self._secrets: tuple[str, ...] = ()
        self._agreed: tuple[DocumentText | None, str] = (None, "")

    # -- reading ---------------------------------------------------------------------------

    def take(self, definition: DocumentText, now: float) -> ReloadResult:
        """Take what libvirt told now. An edit goes on; what was not touched follows."""
        # What was begun without it is somebody's text already, when it comes back.
        back, self.missing = self.missing, False
        first, before = self.definition is None and not back, self.current
        edited = self.edited
        if not first and not back and definition == self.definition:
            return ReloadResult.NOTHING
        self._cursor(definition)
        if first or (not edited and before != self.current):
            self.base = self.text = self.current
            return ReloadResult.FIRST if first else ReloadResult.FOLLOWED
        if self.current == before:
            return ReloadResult.NOTHING
        if self.current == self.base:
            self.elsewhere_at, self.elsewhere = None, ()
            return ReloadResult.NOTHING
        self.elsewhere_at = now
        self.elsewhere = changed_elements(self.base, self.current)
        return ReloadResult.ELSEWHERE

    def written(self, definition: DocumentText) -> None:
        """Take what libvirt made of what was written: that is the text from here on."""
        self.missing = False
        self._cursor(definition)
        self.base = self.text = self.current
        self.elsewhere_at, self.elsewhere = None, ()

    def _cursor(self, definition: DocumentText) -> None:
        """Take the definition that libvirt reported, without its passwords."""
        self.definition = definition
        stored = redact(definition.stored or definition.live, self._secrets)
        live = redact(definition.live, stored.secrets)
        self._secrets = live.secrets
        self.current, self.live = stored.text, live.text

    def mark_deleted(self) -> None:
        """Libvirt does not have it any more; what was typed stays, and would define it anew."""
        self.missing = True

    def resume(self, base: str, text: str, now: float) -> None:
        """Go on with a draft; what was stored meanwhile is somebody else's change."""
        self.base, self.text = base, text
        self.conceal()
        if self.current != base:
            self.elsewhere_at = now
            self.elsewhere = changed_elements(base, self.current)

    def begin_missing(self, xml: str) -> None:
        """Begin with a kept definition of what is no longer there."""
        hidden = redact(xml)
        self._secrets = hidden.secrets
        self.text = hidden.text
        self.base = self.current = ""
        self.missing = True

    def use(self, xml: str) -> str:
        """A kept definition as the text, passwords hidden; returns it."""
        hidden = redact(xml, self._secrets)
        self._secrets = hidden.secrets
        self.text = hidden.text
        return self.text

    def conceal(self) -> str:
        """Take the passwords that were typed out of the text, too; returns it."""
        hidden = redact(self.text, self._secrets, typed=True)
        self._secrets = hidden.secrets
        self.text = hidden.text
        return self.text

    def unfinished(self) -> tuple[str, str]:
        """Base and text for a draft, to be read without what is known here.

        Stand-ins are numbered as in what is stored. Passwords that are not stored are not in it:
        they have to be typed again.
        """
        definition = self.definition
        stored = (
            redact(definition.stored or definition.live) if definition is not None else redact("")
        )
        secrets = redact(definition.live if definition is not None else "", stored.secrets).secrets
        return redact_for_draft(self.base, self._secrets, secrets), redact_for_draft(
            self.text, self._secrets, secrets
        )

    def whole(self) -> str:
        """The text with its passwords."""
        return restore_secrets(self.text, self._secrets)

    def hidden(self, xml: str) -> str:
        """Any other text of this document without its passwords."""
        return redact(xml, self._secrets).text

    # -- what is to be done ----------------------------------------------------------------

    @property
    def edited(self) -> bool:
        """Return true if the text differs from the stored one."""
        return self.text != self.base

    @property
    def parted(self) -> bool:
        """Return true if somebody else changed the text that the edit is based on."""
        return self.current != self.base and not self.missing

    @property
    def secrets(self) -> int:
        """The number of hidden passwords."""
        return len(self._secrets)

    @property
    def why_not(self) -> str:
        """The reason why it cannot be written; "" when it can."""
        if self.missing:
            return ""
        if self.definition is None:
            return "it is not read yet"
        return self.definition.why_not or self.unshown

    def agree(self) -> None:
        """Use the text stored now as the base of the review, whatever is read afterwards."""
        self._agreed = (self.definition, self.current)

    def chunks(self) -> list[Chunk]:
        """Base, mine and theirs as it was agreed, cut where they part."""
        return chunks(self.base, self.text, self._agreed[1])

    def merged(self, text: str) -> None:
        """The two were brought together: from here on what was agreed is the base."""
        self.base, self.text = self._agreed[1], text
        if not self.parted:
            self.elsewhere_at, self.elsewhere = None, ()

    def unknown(self) -> list[str]:
        """Stand-ins for passwords in the text that stand for none."""
        return unknown_placeholders(self.text, self._secrets)

    def command(self, when: ApplyWhen, steps: tuple[LiveChange, ...], *, validate: bool) -> Command:
        """The command that writes the text, if what is stored is still what was agreed."""
        document, agreed = self.document, self._agreed[0] or self.definition
        stored = None if self.missing or agreed is None else agreed.stored
        return Command(
            Verb.DEFINE,
            Target(document.kind, document.key, document.name),
            DefineArguments(
                document,
                xml=self.whole(),
                base=stored,
                validate=validate,
                steps=tuple(with_secrets(step, self._secrets) for step in steps),
                when=when,
            ),
        )


def with_secrets(step: LiveChange, secrets: tuple[str, ...]) -> LiveChange:
    """A step with its passwords put back."""
    return LiveChange(step.op, step.what, restore_secrets(step.xml, secrets), step.value)


def changed_elements(old: str, new: str) -> tuple[str, ...]:
    """The elements in which two texts differ, in words, in the order of the text."""
    before, after = old.split("\n"), new.split("\n")
    places, olds = ElementPaths(new), ElementPaths(old)
    found: dict[str, None] = {}
    for hunk in hunks(before, after):
        for line in range(hunk.new_start, hunk.new_end):
            found[" ".join(places.at_line(line)[-1:]) or "its root"] = None
        if hunk.new_start == hunk.new_end:
            for line in range(hunk.old_start, hunk.old_end):
                found[" ".join(olds.at_line(line)[-1:]) or "its root"] = None
    return tuple(found)
