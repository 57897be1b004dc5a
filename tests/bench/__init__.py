"""Measuring the budgets. ``scripts/bench`` is the door; nothing here is part of a test run.

budgets.py   what may be spent, and one measured row
scene.py     test driver scenes with as many domains as wanted
app.py       the app as a real process: when it painted, what it burnt, what it wrote
rows.py      the measurements on generated scenes
stress.py    filters and sorts, full histories, many commands, another client's storm
faults.py    the measurements on real hosts, in labs
cloning.py   linked clones of 1 GiB, a copy to another host
inject/      put on PYTHONPATH of the app: slows, counts and varies libvirt's calls
"""
