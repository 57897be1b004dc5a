"""The only rooms that know libvirt. Nothing here imports textual.

**Threads.** One *fleet* thread runs every host's decisions and never makes a libvirt call, so it
never blocks. Calls are made by *lanes*: a connection with its own daemon threads. libvirt's own
event loop runs on one more. What a lane finds out travels to the fleet thread as a message and
carries the generation of the connection it came from; late answers of an old one are dropped.

Each host opens its lanes when they are first needed:

=========  =======  ====================================================================
lane       threads  makes
=========  =======  ====================================================================
reads      1        list, state, counters that do not ask QEMU's monitor, events
monitor    1        CPU, balloon, vCPU and block counters: may hang with a hung guest
detail     4        XML, networks with leases, pools, addresses, questions, one thread each
actions    4        commands; three at work, the fourth kept for force off
=========  =======  ====================================================================

**A host's states** (``model.inventory.Phase``); everything else is ignored in that state:

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
