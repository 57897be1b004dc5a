"""What is measured while another client changes domains as fast as it can."""

from __future__ import annotations

import re
import time

from tests.churn import Churn
from tests.lab.daemon import Lab

from .app import App
from .budgets import Row, Table, waits
from .plan import Plan
from .rows import FEW
from .stress import prompt

NAMED = re.compile(r"\bchurn-\d{5}\b")


def churn(table: Table, plan: Plan) -> None:
    """Another client changes 1,000 domains as fast as it can: keys meanwhile."""
    keys: list[float] = []
    with (
        Lab("bench-churn") as lab,
        Churn(lab.test_uri, plan.churned) as other,
        App(["-c", lab.test_uri], NAMED) as app,
    ):
        app.settle(plan)
        began, cpu = time.monotonic(), app.cpu_seconds()
        other.begin(plan.storm)
        while other.busy:
            keys.append(prompt(app))
        share = 100 * (app.cpu_seconds() - cpu) / (time.monotonic() - began)
        changes = other.changes()
    what = f"{plan.churned:,} changed by another"
    table.add(waits(f"{what}: key to paint p99", keys, f"key to paint p99, {FEW}"))
    rate = f"{changes / plan.storm:,.0f} changes a second"
    table.add(Row(f"{what}: cpu", share, "%", rate))
