"""The severity of events, checks and problems in a text."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Severities, the mildest first.

    OK: a check passed, an event needs no attention. WARNING: likely a fault. ERROR: it stops the
    action, or it stopped a guest. Exported events (``export.fields.EVENT_LEVELS``) and checks on
    the command line (``cli.check_lines``) have their own words for these.
    """

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
