"""The only packages that know libvirt. Nothing here imports textual.

**Threads.** One *fleet* thread runs every host's decisions and never makes a libvirt call, so it
never blocks. Calls are made by *workers*: a connection with a daemon thread of its own. libvirt's
own event loop runs on one more. Results travel to the fleet thread as messages; those of a worker
or connection that was detached or closed meanwhile are dropped.

**From an event to a row**; each arrow that changes the thread is marked with ``*``:

1. ``connection.events``: libvirt calls a handler, which makes a ``ChangeEvent``  * (event loop)
2. ``host.Host._on_change`` passes it on; ``EventReporter`` reports it for the log  * (fleet)
3. ``polling.scheduler.PollScheduler.on_change`` notes the UUID; 50 ms later ``tick`` reads it
4. ``connection.call_router.CallRouter.call`` puts the call to the worker ``reads``
5. ``polling.list_reader.ListReader.reread`` makes it: a ``DomainListRow``  * (worker)
6. ``CallRouter`` delivers the result to ``PollScheduler._on_reread``  * (fleet)
7. ``polling.inventory_builder.InventoryBuilder.merge_rows`` makes a new ``Domain`` of it
8. ``Host._publish`` makes an ``Inventory``; ``fleet.Fleet`` passes it on to its receiver
9. ``store`` keeps the newest of each host; ``panes`` and ``render`` make rows of it  * (app)

A console is a stream: ``Fleet.open_console`` → ``Host.consoles`` (``consoles.host_consoles``) → the
worker ``consoles`` opens a ``consoles.stream.ConsoleStream``. Its bytes go from libvirt's event
loop straight to the sink; each change of its phase is published as a ``ConsoleState``.

Open logs are read by a ``logs.log_reader.LogReader`` each (``Host.logs``), which publishes
``LogUpdate``s; only which files there are is asked of libvirt.

A command goes the other way: ``Fleet.submit`` → ``Batches`` → ``Host.submit`` → ``CommandQueue`` →
``CommandExecutor.start`` → a worker ``actions N`` → ``commands.registry.execute``; it comes
back as ``Host._command_done``. A query: ``Host.ask`` → ``QueryDispatcher`` or ``VolumeListings``.

Each host opens its workers when they are first needed:

============  ======================================================================================
worker        makes
============  ======================================================================================
reads         list, state, counters that do not ask QEMU's monitor, events; it alone tells whether a
              host answers
monitor       CPU, balloon and block counters: may hang with a hung guest, and is then left behind
detail        definitions, networks with their leases, figures of the machine
storage       pools and queries about volumes: may hang with a file system
agent         addresses by guest agent or ARP, how full guests are, what an agent tells an open
              page: may wait for a guest
jobs          who has a job of libvirt's or a block job, and how far it is: may wait for a guest
inspect       the figures of the one domain whose page is open: may hang with that guest
documents     definitions that are edited: may hang with a domain whose lock is held
knowledge     which documents there are, what a host can do: may wait for a QEMU that is asked first
guests        what an agent is asked for an open dialog, programs in guests: may wait for a guest
backups       manifests of backups in pools, and what the next one would do: may hang with a pool
consoles      opening and closing consoles; their bytes go over the thread of libvirt's event loop
actions 1 …   commands, one a worker; ``at_a_time`` active, one more kept for force off
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
