"""A strict reader of OpenMetrics 1.0, gauges and counters: what is off is an AssertionError."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(rf"({_NAME})(?:\{{(.*)\}})? (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')


@dataclass
class Read:
    """One family as it was read."""

    type: str
    unit: str = ""
    help: str = ""
    samples: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)


def read(text: str) -> dict[str, Read]:
    """The families of a text by name."""
    assert text.endswith("# EOF\n"), "the end is missing"
    families: dict[str, Read] = {}
    name = ""
    for line in text.removesuffix("# EOF\n").split("\n")[:-1]:
        assert line == line.strip(" ") and line, repr(line)
        if line.startswith("#"):
            sign, word, about, rest = line.split(" ", 3)
            assert sign == "#" and re.fullmatch(_NAME, about)
            if word == "TYPE":
                assert about not in families, f"{about} appears twice"
                assert rest in ("gauge", "counter") and not about.endswith(
                    ("_total", "_info", "_bucket")
                )
                name, families[about] = about, Read(rest)
                continue
            assert about == name and not families[name].samples, f"{line} is not in its place"
            if word == "UNIT":
                assert name.endswith(f"_{rest}"), f"{name} does not end in {rest}"
                families[name].unit = rest
            else:
                assert word == "HELP" and not families[name].help
                assert not re.search(r'(?<!\\)(?:\\\\)*"', rest)
                families[name].help = rest
            continue
        found = _SAMPLE.fullmatch(line)
        sample = f"{name}_total" if families[name].type == "counter" else name
        assert found is not None and found[1] == sample, f"{line!r} is no sample of {name}"
        assert families[name].type == "gauge" or float(found[3]) >= 0, f"{line} counts down"
        labels = _labels(found[2] or "")
        assert labels not in families[name].samples, f"{line} appears twice"
        families[name].samples[labels] = float(found[3])
    assert all(family.help and family.samples for family in families.values())
    return families


def _labels(text: str) -> tuple[tuple[str, str], ...]:
    labels: list[tuple[str, str]] = []
    place = 0
    while place < len(text):
        found = _LABEL.match(text, place)
        assert found is not None, f"{text[place:]!r} is no label"
        value = re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], found[2])
        labels.append((found[1], value))
        place = found.end()
    assert len({name for name, _ in labels}) == len(labels)
    return tuple(labels)
