"""How long a test waits at most."""

from __future__ import annotations

PATIENCE = 60.0
"""Seconds after which what should come in a moment is taken to never come.

A test that passes never waits so long: it goes on as soon as what it waits for is there. So the
limit is set for a machine that has four times as much to do as it has processors.
"""
