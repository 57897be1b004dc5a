"""Counters into rates, and fixed-length histories. Pure, but for ``host``, which asks psutil."""
