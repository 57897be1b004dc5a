"""Figures as OpenMetrics 1.0 text: families of samples, with help, type and unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"


@dataclass(slots=True)
class Family:
    """One metric: its name (which ends in its unit), and a sample for each set of labels.

    A ``counter`` only grows, and its samples are called ``…_total``.
    """

    name: str
    help: str
    unit: str = ""
    samples: list[tuple[Mapping[str, str], float]] = field(default_factory=list)
    counter: bool = False

    def add(self, labels: Mapping[str, str], value: float | None) -> None:
        """Add a sample; what is not known is none."""
        if value is not None:
            self.samples.append((labels, value))


def exposition(families: Iterable[Family]) -> str:
    """The text of all families that have a sample: counters and gauges."""
    lines: list[str] = []
    for family in families:
        if not family.samples:
            continue
        lines.append(f"# TYPE {family.name} {'counter' if family.counter else 'gauge'}")
        if family.unit:
            lines.append(f"# UNIT {family.name} {family.unit}")
        lines.append(f"# HELP {family.name} {escaped(family.help)}")
        for labels, value in family.samples:
            inside = ",".join(f'{name}="{escaped(one)}"' for name, one in labels.items())
            name = f"{family.name}_total" if family.counter else family.name
            lines.append(f"{name}{{{inside}}} {_number(value)}")
    return "\n".join([*lines, "# EOF"]) + "\n"


def escaped(text: str) -> str:
    """Text as it stands in a label's value or a help line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))
