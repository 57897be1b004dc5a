"""A domain's clones: their names, their host, and what becomes of each disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from virttui import text
from virttui.modals.fields import FieldsSheet, Filled
from virttui.model.cloning import CloneSite, CloneSource, Outline
from virttui.model.errors import BadInput
from virttui.model.identity import Key, Kind
from virttui.model.making import Wanted
from virttui.model.news import Answer, Ask

Sites = Sequence[CloneSite]


@dataclass(frozen=True, slots=True)
class Clones:
    """What makes the fields and what they come to; ``virttui.definitions.cloning`` does.

    ``outline`` raises BadInput, in words, while nothing can be made.
    """

    wants: Callable[[Mapping[str, str], CloneSource, Sites], tuple[Wanted, ...]]
    outline: Callable[[Mapping[str, str], CloneSource, Sites], Outline]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A form that was filled in: what was given, about which source, for which hosts."""

    given: dict[str, str]
    source: CloneSource
    sites: Sites


class CloneDomainSheet(FieldsSheet[Drawn]):
    """Gives back what is to be made, or None. ``sites`` are told anew with each answer."""

    def __init__(
        self,
        key: Key,
        name: str,
        clones: Clones,
        sites: Callable[[], Sites],
        given: Mapping[str, str],
    ) -> None:
        super().__init__(f"Clone {name}", "Next", "what it makes", "asking its host for its disks")
        self._key, self._clones, self._told = key, clones, sites
        self._given = dict(given)
        self._sites: Sites = ()
        self._source: CloneSource | None = None
        self._wrong = ""
        self._asked: set[Key] = set()

    def on_mount(self) -> None:
        """Ask what it is made of."""
        super().on_mount()
        self._sites = self._told()
        self.console.ask(Ask.CLONE, Kind.DOMAIN, self._key)
        self.think()

    def answered(self, answer: Answer) -> None:
        """Its disks, or the volumes of a pool of another host."""
        question = answer.question
        if question.ask is Ask.CLONE and question.key == self._key:
            self._source = answer.clone
            self._wrong = answer.trouble.sentence if answer.trouble is not None else ""
        elif question.ask is not Ask.VOLUMES:
            return
        self._sites = self._told()
        self.think()

    def filled(self, given: dict[str, str]) -> Filled[Drawn] | None:
        """The fields, and what they come to."""
        if self._wrong:
            return Filled(wrong=self._wrong)
        if self._source is None:
            return None
        if not self._sites:
            return Filled(wrong="no host takes changes now")
        wanted = self._clones.wants(given, self._source, self._sites)
        self._look(wanted)
        try:
            found = self._clones.outline(given, self._source, self._sites)
        except BadInput as error:
            return Filled(wanted, wrong=error.sentence)
        about = " ".join([found.meaning, *found.notes[:-1]][:2])
        drawn = Drawn(dict(given), self._source, self._sites)
        short = f"{text.counted(len(found.lines), 'disk')}; the next page lists what is made"
        return Filled(wanted, drawn, ("", *found.lines), short, about=about)

    def _look(self, wanted: Sequence[Wanted]) -> None:
        """Ask for the names in the pools of another host, once it is chosen."""
        chosen = next((one.value for one in wanted if one.name == "host"), "")
        for site in self._sites:
            if site.name != chosen or site.host == self._key.host:
                continue
            for pool in site.pools:
                if pool.key not in self._asked:
                    self._asked.add(pool.key)
                    self.console.ask(Ask.VOLUMES, Kind.POOL, pool.key)
