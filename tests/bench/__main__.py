"""One group in this process: ``python -m tests.bench GROUP PLAN``. A row is a line of JSON."""

from __future__ import annotations

import json
import signal
import sys
from dataclasses import asdict

from .budgets import Row, Table
from .groups import GROUPS, GROWTH
from .plan import BenchError, Plan


def main() -> int:
    """Measure; 1 with the reason on stderr when it came to no figure."""
    # Also where the shell had it ignored: apps and labs are ended on the way out.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    group = next(group for group in (*GROUPS, GROWTH) if group.name == sys.argv[1])
    try:
        group.measure(Table(_tell), Plan.from_json(sys.argv[2]))
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _tell(row: Row) -> None:
    sys.stdout.write(f"{json.dumps(asdict(row))}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
