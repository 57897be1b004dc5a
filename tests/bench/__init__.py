"""Measuring the budgets. ``scripts/bench`` is the door; the tests only see that each group ends.

budgets.py   what may be spent, and one measured row
plan.py      how many, how large, how long: everything that a run can have smaller
groups.py    which groups there are, and one at work in a process of its own
against.py   the same groups on another revision, in turns
scene.py     test driver scenes with as many domains as wanted
app.py       the app as a real process: when it painted, what it burnt, what it wrote
rows.py      the measurements on generated scenes
stress.py    filters and sorts, full histories, many commands
fleet.py     many hosts, some dead and some slow
workbench.py definitions of any length
faults.py    the measurements on real hosts, in labs
churn.py     another client's storm of changes
storage.py   a pool of very many volumes
transfers.py disks up and down, beside virsh
backup.py    full and incremental backups, beside virsh
cloning.py   linked clones, a copy to another host
console.py   what a container prints beside virsh, the echo of a guest
inject/      put on PYTHONPATH of the app: slows, counts and varies libvirt's calls
"""
