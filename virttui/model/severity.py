"""How serious an event, a check or a problem in a text is."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How serious something is, the mildest first.

    OK: a check was passed, an event needs nobody. WARNING: likely a fault. ERROR: it stops what was
    asked for, or it stopped a guest. Exported events (``export.fields.EVENT_LEVELS``) and checks on
    the command line (``cli.check_lines``) have words of their own for these.
    """

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
