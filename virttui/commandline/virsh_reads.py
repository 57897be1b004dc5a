"""virsh lines that change nothing: a list of what is known to read only.

Whatever is not in it, a command or an option of a later virsh too, counts as one that changes
something. Left out are ``secret-get-value`` and options that show passwords.
"""

from __future__ import annotations

from collections.abc import Sequence

_ALWAYS = """
backup-dumpxml capabilities checkpoint-dumpxml checkpoint-info checkpoint-list checkpoint-parent
cpu-baseline cpu-compare cpu-models cpu-stats domblkerror domblkinfo domblklist domblkstat
domcapabilities domcontrol domdisplay domfsinfo domhostname domid domif-getlink domifaddr
domiflist domifstat dominfo domjobinfo domlaunchsecinfo domname domstate domstats domuuid
domxml-from-native domxml-to-native dumpxml event find-storage-pool-sources
find-storage-pool-sources-as freecell freepages get-user-sshkeys guestinfo help hostname
hypervisor-cpu-baseline hypervisor-cpu-compare hypervisor-cpu-models iface-dumpxml iface-list
iface-mac iface-name iothreadinfo list managedsave-dumpxml maxvcpus migrate-getmaxdowntime
migrate-getspeed net-dhcp-leases net-dumpxml net-event net-info net-list net-name
net-port-dumpxml net-port-list net-uuid nodecpumap nodecpustats nodedev-dumpxml nodedev-event
nodedev-info nodedev-list nodeinfo nodememstats nodesevinfo nwfilter-binding-dumpxml
nwfilter-binding-list nwfilter-dumpxml nwfilter-list pool-capabilities pool-dumpxml pool-event
pool-info pool-list pool-name pool-uuid pwd qemu-monitor-event save-image-dumpxml secret-dumpxml
secret-event secret-list snapshot-dumpxml snapshot-info snapshot-list snapshot-parent sysinfo
ttyconsole uri vcpucount vcpuinfo version vncdisplay vol-dumpxml vol-info vol-key vol-list
vol-name vol-path vol-pool
"""
ALWAYS = frozenset(_ALWAYS.split())
"""Commands that read, whatever follows them of ``OPTIONS``."""

_OPTIONS = """
active all anystats arch autostart backing balloon binding block bytes cap cell cellno
checkpointname command completed config count cpu cpu-total current daemon descendants details
device dirtyrate disable-deprecated-features disk disk-only domain emulator emulatorbin enforce
ephemeral error event expand-cpu-features external features file filesystem format from full
guest host hostname human id ignore-host inactive initiator interface internal iothread
keep-completed leaves list list-active list-inactive list-other list-paused list-persistent
list-running list-shutoff list-transient live load loop mac machine managed-save maximum
memory metadata migratable model name network no-autostart no-case no-domain no-ephemeral
no-leaves no-metadata no-private nowait nwfilter os pagesize parent percent perf persistent
physical pool port postcopy pretty private raw rawstats reason regex roots secret size
snapshotname source srcSpec start state state-other state-paused state-running state-shutoff
table timeout timestamp timezone title topological total transient tree type update-cpu user
uuid validate vcpu virttype vm vol with-checkpoint with-managed-save with-snapshot
without-checkpoint without-managed-save without-snapshot wrap xml xpath
"""
OPTIONS = frozenset(_OPTIONS.split())
"""Options of those commands that neither write a file nor show a password."""

_WHEN = frozenset({"live", "config", "current"})
LOOKS: dict[str, tuple[int, frozenset[str]]] = {
    "blkdeviotune": (2, _WHEN | {"domain", "device"}),
    "blkiotune": (1, _WHEN | {"domain"}),
    "blockjob": (2, frozenset({"domain", "path", "info", "bytes", "raw"})),
    "desc": (1, _WHEN | {"domain", "title"}),
    "domiftune": (2, _WHEN | {"domain", "interface"}),
    "dommemstat": (1, _WHEN | {"domain"}),
    "domtime": (1, frozenset({"domain", "pretty"})),
    "emulatorpin": (1, _WHEN | {"domain"}),
    "guestvcpus": (1, frozenset({"domain"})),
    "memtune": (1, _WHEN | {"domain"}),
    "metadata": (2, _WHEN | {"domain", "uri"}),
    "migrate-compcache": (1, frozenset({"domain"})),
    "net-desc": (1, _WHEN | {"network", "title"}),
    "net-metadata": (2, _WHEN | {"network", "uri"}),
    "node-memory-tune": (0, frozenset()),
    "numatune": (1, _WHEN | {"domain"}),
    "perf": (1, _WHEN | {"domain"}),
    "schedinfo": (1, _WHEN | {"domain"}),
    "snapshot-current": (1, frozenset({"domain", "name"})),
    "vcpupin": (2, _WHEN | {"domain", "vcpu"}),
}
"""Commands that read unless they are told more: how many values they may have, which options."""


def reads(arguments: Sequence[str]) -> bool:
    """Whether a line is known to change nothing and to write no file."""
    name, *rest = arguments
    names = [word[2:].partition("=")[0] for word in rest if word.startswith("--")]
    if name in ALWAYS:
        return OPTIONS.issuperset(names)
    if name not in LOOKS:
        return False
    most, options = LOOKS[name]
    values = sum(not word.startswith("--") or "=" in word for word in rest)
    return values <= most and options.issuperset(names)
