"""The only rooms that know libvirt. Nothing here imports textual.

**Threads.** One *fleet* thread runs every host's decisions and never makes a libvirt call, so it
never blocks. Calls are made by *lanes*: a connection with a daemon thread of its own. libvirt's own
event loop runs on one more. What a lane finds out travels to the fleet thread as a message; answers
of a lane or connection that was given up meanwhile are dropped.

Each host opens its lanes when they are first needed:

============  ======================================================================================
lane          makes
============  ======================================================================================
reads         list, state, counters that do not ask QEMU's monitor, events; it alone tells whether a
              host answers
monitor       CPU, balloon and block counters: may hang with a hung guest, and is then left behind
detail        definitions, networks with their leases, figures of the machine
storage       pools and questions about volumes: may hang with a file system
agent         addresses by guest agent or ARP, how full guests are, what an agent tells an open
              page: may wait for a guest
jobs          who has a job of libvirt's or a block job, and how far it is: may wait for a guest
inspect       the figures of the one domain whose page is open: may hang with that guest
documents     definitions that are edited: may hang with a domain whose lock is held
knowledge     which documents there are, what a host can do: may wait for a QEMU that is asked first
actions 1 …   commands, one a lane; ``at_a_time`` at work, one more kept for force off
============  ======================================================================================

**A host's states** (``model.inventory.ConnectionState``); everything else is ignored in that state:

===========  =========================================  =====================================
in           on                                         goes to
===========  =========================================  =====================================
connecting   opened                                     live
connecting   refused to this user                       denied, tried again after 30 s
connecting   failed                                     lost, tried again after 1, 2, 4 … 30 s
live         a read unanswered for 3 s                  silent (rows stay, greyed)
live         connection closed (event, or a call tells) lost
silent       the read is answered                       live
silent       connection closed (keepalive does it)      lost
lost         tried again (its time, or ctrl+r): opened  live
denied       tried again (its time, or ctrl+r): opened  live
===========  =========================================  =====================================

Only the first attempt shows as connecting: a host that is tried again stays lost until it answers.
"""
