"""A fleet of three hosts at one fixed moment, like the one in the design's pictures.

``kvm01`` and ``kvm02`` are busy, ``edge1`` is small. Three domains, a full pool and, on request,
a host need attention. Every figure follows from tables and arithmetic, so screens can be compared.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

from msgspec.structs import replace

from virttui.model.backend import HostSpec
from virttui.model.commands import Command, Target, Verb
from virttui.model.domains.history import MetricHistory
from virttui.model.domains.usage import Usage
from virttui.model.errors import OperationError
from virttui.model.host_resources import (
    NO_PRESSURE,
    HugePages,
    NumaCell,
    Pressure,
    PressureAverages,
)
from virttui.model.identity import Kind, ObjectId
from virttui.model.inventory import (
    ConnectionState,
    Disk,
    Domain,
    DomainState,
    HostMetrics,
    HostState,
    Inventory,
    Lease,
    Network,
    Nic,
    Pool,
    Volume,
)
from virttui.model.messages import HostEvent
from virttui.model.severity import Severity
from virttui.model.tasks import Task, TaskState

os.environ["TZ"] = "UTC"
time.tzset()

NOW = 100_000.0
EPOCH = 1_700_000_062.0 - 1_700_000_062.0 % 86400 + 3 * 3600 + 14 * 60 + 22
G = 1024.0**3
HOSTS = ("kvm01", "kvm02", "edge1")
SPECS = tuple(HostSpec(name, f"qemu+ssh://root@{name}/system", name) for name in HOSTS)

# name, host, vcpus, cpu, used, given, read, write, rx, tx, address, autostart, title
_RUNNING = """
build-arm64-01 kvm02 8 96 11.4G 16G 41M 88M 1.2M 310K 10.20.4.31 - CI,_arm64_under_TCG
payments-reconcile-worker-07 kvm01 4 91 7.8G 8G 210K 1.8M 3.3M 2.9M 10.20.5.67 on -
build-x86-01 kvm01 16 88 20.5G 32G 12M 54M 2.2M 190K 10.20.4.21 - Build,_x86
db-primary-01 kvm01 16 78 105G 128G 64M 112M 18M 21M 10.20.2.11 on Payments_DB,_primary
ci-runner-01 kvm02 4 61 4.4G 8G 3.1M 9.8M 640K 88K 10.20.4.41 - -
k8s-node-1 kvm01 16 52 46.7G 64G 4.4M 12M 22M 19M 10.20.3.21 on -
ci-runner-02 kvm02 4 47 4.1G 8G 2.6M 7.1M 410K 52K 10.20.4.42 - -
k8s-node-2 kvm02 16 44 44.8G 64G 3.8M 9.9M 17M 20M 10.20.3.22 on -
win-rds-01 kvm02 8 43 24.3G 32G 2.2M 4.1M 1.9M 5.2M 10.20.0.21 on -
web-03 kvm02 4 41 4.6G 8G 100K 810K 9.6M 15M 10.20.1.13 on -
web-01 kvm01 4 38 4.6G 8G 110K 780K 9.2M 14M 10.20.1.11 on -
web-02 kvm02 4 35 4.4G 8G 90K 720K 8.8M 13M 10.20.1.12 on -
db-replica-01 kvm02 16 34 101G 128G 9.1M 61M 14M 1.1M 10.20.2.12 on -
gitlab kvm01 8 29 28.2G 32G 2.1M 6.4M 1.8M 3.9M 10.20.1.20 on -
cache-01 kvm01 4 23 15.0G 16G 0 120K 31M 44M 10.20.1.41 on -
prometheus kvm01 4 21 13.3G 16G 1.3M 18M 4.2M 390K 10.20.1.30 on -
k8s-cp-1 kvm01 4 18 4.9G 8G 90K 3.3M 1.4M 1.9M 10.20.3.11 on -
k8s-cp-2 kvm02 4 16 4.6G 8G 40K 3.1M 1.2M 1.6M 10.20.3.12 on -
edge-proxy-01 edge1 2 14 778M 2G 0 90K 8.8M 9.1M 10.30.0.10 on -
vpn-gw kvm01 2 12 573M 2G 0 3.0K 5.1M 4.9M 10.20.0.1 on -
mail-01 kvm01 4 11 5.4G 8G 320K 1.1M 210K 160K 10.20.1.25 on -
zabbix-proxy edge1 2 10 1.0G 2G 0 420K 310K 280K 10.30.0.40 on -
edge-vpn edge1 1 9 317M 1G 0 2.0K 2.4M 2.3M 10.30.0.2 on -
registry kvm02 2 8 3.3G 8G 6.2M 900K 1.1M 12M 10.20.1.22 on -
win-ad-01 kvm01 4 7 5.0G 8G 80K 240K 64K 92K 10.20.0.11 on -
grafana kvm01 2 6 2.1G 4G 0 210K 340K 180K 10.20.1.31 on -
win-ad-02 kvm02 4 6 4.8G 8G 70K 210K 58K 80K 10.20.0.12 on -
wiki kvm01 2 5 1.9G 4G 0 48K 28K 140K 10.20.1.34 on -
netbox kvm01 2 3 2.0G 4G 0 60K 12K 18K 10.20.1.33 on -
ci-runner-03 kvm02 4 2 1.6G 8G 0 14K 900B 400B 10.20.4.43 - -
dns-01 kvm01 1 1 236M 512M 0 4.0K 31K 42K 10.20.0.53 on -
edge-cam-01 edge1 1 1 200M 1G 0 2.0K 31K 42K 10.30.0.21 on -
edge-cam-02 edge1 1 1 210M 1G 0 2.0K 32K 41K 10.30.0.22 on -
ntp-01 kvm01 1 0 180M 512M 0 0 900B 900B 10.20.0.54 on -
proxy-01 kvm01 2 0 700M 2G 0 0 1.0K 900B 10.20.1.50 on -
sandbox-lee kvm02 2 0 1.0G 4G 0 0 0 0 10.20.9.11 - -
"""
# name: peak %, steal %, latency ms, up, tags
_DEPTH = {
    "build-arm64-01": (100, 2, 3.1, 6 * 3600, "ci"),
    "payments-reconcile-worker-07": (96, 22, 3.5, 4 * 86400, "pay"),
    "build-x86-01": (99, 4, 2.2, 2 * 86400, "ci"),
    "db-primary-01": (80, 8, 6.8, 63 * 86400, "db"),
    "ci-runner-01": (67, 1, 1.9, 3 * 3600, "ci"),
    "k8s-node-1": (61, 3, 1.8, 29 * 86400, "k8s"),
    "ci-runner-02": (54, 1, 1.7, 3 * 3600, "ci"),
    "k8s-node-2": (50, 0, 1.6, 29 * 86400, "k8s"),
    "win-rds-01": (50, 2, 3.4, 8 * 86400, "win"),
    "web-03": (50, 0, 1.0, 41 * 86400, "web"),
    "web-01": (45, 1, 0.9, 41 * 86400, "shop web"),
    "web-02": (43, 0, 0.9, 41 * 86400, "web"),
}
_OFF = (
    ("build-x86-02", "kvm01", 16, 32, False),
    ("golden-debian12", "kvm01", 2, 4, False),
    ("old-wiki", "kvm01", 2, 4, False),
    ("crm-test", "kvm01", 2, 4, False),
    ("edge-test", "edge1", 1, 1, False),
    ("win-golden", "kvm02", 4, 8, True),
)


def number(words: str) -> float:
    """``7.8G`` and the like, binary, as bytes; rates use it with 1000."""
    return _number(words, 1024)


def _number(words: str, step: int) -> float:
    unit = words[-1] if words[-1] in "BKMGT" else ""
    return float(words.rstrip("BKMGT")) * float(step) ** "BKMGT".index(unit or "B")


@cache
def uuid(name: str) -> str:
    """A UUID that follows from the name."""
    return str(uuid5(NAMESPACE_DNS, name))


@cache
def key(name: str) -> ObjectId:
    """The key of a domain of this scene."""
    for inventory in inventories():
        for domain in inventory.domains.values():
            if domain.name == name:
                return domain.key
    raise KeyError(name)


def _domain(name: str, host: str, **more: Any) -> Domain:
    pool = "nvme" if name.startswith("db-replica") else "default"
    base = Domain(
        ObjectId(host, uuid(name)),
        name,
        DomainState.RUNNING,
        "booted",
        id=len(name),
        disks=(Disk("vda", source=f"/srv/{pool}/{name}.qcow2", pool=pool, format="qcow2"),),
        nics=(Nic(f"52:54:00:00:00:{len(name):02x}", "network", "default", f"vnet{len(name)}"),),
    )
    return replace(base, **more)


def _running(line: str) -> tuple[Domain, Usage]:
    name, host, vcpus, cpu, used, entered, read, write, rx, tx, address, auto, title = line.split()
    memory = int(number(entered))
    peak, steal, latency, up, tags = _DEPTH.get(name, (int(cpu) + 5, 0, 0.5, 17 * 86400, ""))
    domain = _domain(
        name,
        host,
        tags=tuple(tags.split()),
        started_epoch=EPOCH - up,
        vcpus=int(vcpus),
        memory=memory,
        memory_max=memory,
        autostart=auto == "on",
        addresses=(address,),
        title="" if title == "-" else title.replace("_", " "),
    )
    usage = Usage(
        cpu=int(cpu) / 100,
        cpu_at=NOW,
        rx=_number(rx, 1000),
        tx=_number(tx, 1000),
        net_at=NOW,
        memory_used=int(number(used)),
        memory_given=memory,
        read=_number(read, 1000),
        write=_number(write, 1000),
        monitor_at=NOW,
        net_errors=0.0,
        steal=steal / 100,
        latency=latency / 1000,
        usual_latency=latency / 1000,
        peak=peak / 100,
    )
    return domain, usage


def domains() -> list[tuple[Domain, Usage]]:
    """All domains of the scene with what they use."""
    found = [_running(line) for line in _RUNNING.strip().splitlines()]
    replica = _domain(
        "db-replica-02", "kvm02", state=DomainState.PAUSED, reason="ioerror", vcpus=16,
        memory=int(128 * G), autostart=True, addresses=("10.20.2.13",),
        title="Payments DB, reporting",
    )  # fmt: skip
    idle = Usage(
        cpu=0.0, cpu_at=NOW, rx=0.0, tx=0.0, net_at=NOW, memory_used=int(101 * G),
        memory_given=int(128 * G), read=0.0, write=0.0, monitor_at=NOW,
    )  # fmt: skip
    node = _domain(
        "k8s-node-3", "kvm02", vcpus=16, memory=int(64 * G), autostart=True,
        addresses=("10.20.3.23",), silent_at=NOW - 14,
    )  # fmt: skip
    silent = Usage(
        rx=17e6, tx=0.0, net_at=NOW, memory_used=int(44.2 * G), memory_given=int(64 * G),
        monitor_at=NOW,
    )  # fmt: skip
    crm = _domain(
        "legacy-crm-2011", "kvm01", state=DomainState.SHUTOFF, reason="crashed", id=None, vcpus=2,
        memory=int(4 * G), autostart=True, addresses=("10.20.1.77",), title="Old CRM, ask Marta",
    )  # fmt: skip
    found += [(replica, idle), (node, silent), (crm, Usage())]
    for name, host, vcpus, memory, saved in _OFF:
        off = _domain(
            name, host, state=DomainState.SHUTOFF, reason="shutdown", id=None, vcpus=vcpus,
            memory=int(memory * G), saved=saved,
        )  # fmt: skip
        found.append((off, Usage()))
    return found


def trail(of: ObjectId, cpu: float = 0.7, count: int = 290, until: float = NOW) -> MetricHistory:
    """A trail of smooth waves, one sample a second up to ``until``."""
    waves = [math.sin(place / 17) * 0.5 + 0.5 for place in range(count)]
    return MetricHistory(
        of,
        at=[until - (count - 1 - place) for place in range(count)],
        cpu=[min(1.0, cpu * (0.75 + 0.4 * wave)) for wave in waves],
        memory=[0.8 + 0.04 * wave for wave in waves],
        read=[64e6 * wave for wave in waves],
        write=[112e6 * wave for wave in waves],
        rx=[18e6 * (1 - wave) for wave in waves],
        tx=[21e6 * wave for wave in waves],
        steal=[0.1 * wave for wave in waves],
        latency=[0.005 + 0.002 * wave for wave in waves],
    )


def _networks(host: str) -> list[Network]:
    def network(name: str, mode: str, bridge: str, **more: Any) -> Network:
        base = Network(ObjectId(host, f"net-{name}"), name, True, True, True, mode, bridge)
        return replace(base, **more)

    leases = tuple(
        Lease(f"52:54:00:00:00:{number:02x}", f"192.168.122.{10 + number}", f"host{number}",
              int(EPOCH) + 240 * number)
        for number in (6, 7, 8, 13)
    )  # fmt: skip
    nat = network("default", "nat", "virbr0", subnets=("192.168.122.0/24",), dhcp="2-254",
               domain_name="lab.internal", leases=leases)  # fmt: skip
    if host == "kvm01":
        return [
            nat,
            network("br-prod", "bridge", "br0"),
            network("ovs-tenant", "ovs", "ovsbr0"),
            network("mgmt", "route", "virbr2", subnets=("10.40.0.0/24",), dhcp="50-99", leases=()),
            network("lab", "isolated", "virbr9", subnets=("10.99.0.0/24",), dhcp="10-99",
                 active=False, autostart=False, leases=()),
        ]  # fmt: skip
    if host == "kvm02":
        return [nat, network("storage", "isolated", "virbr7", subnets=("10.50.0.0/24",))]
    return [network("edge", "bridge", "br-edge")]


def _pools(host: str) -> list[Pool]:
    def pool(
        name: str, type_: str, size: float, share: float, volumes: int, promised: float | None
    ) -> Pool:
        capacity = int(size * G)
        taken = int(capacity * share)
        return Pool(
            ObjectId(host, f"pool-{name}"), name, "running", type_, f"/srv/{name}", capacity, taken,
            capacity - taken, True, True, volumes,
            None if promised is None else int(promised * capacity),
        )  # fmt: skip

    off = Pool(
        ObjectId(host, "pool-backup"), "backup", "inactive", "dir", "/srv/backup", int(3686 * G)
    )
    if host == "kvm01":
        return [
            pool("default", "dir", 1843, 0.71, 64, 1.10),
            pool("nvme", "logical", 931, 0.98, 31, 1.62),
            pool("iso", "netfs", 200, 0.44, 19, None),
            pool("ceph-vm", "rbd", 20480, 0.63, 212, 0.92),
            off,
        ]
    if host == "kvm02":
        return [pool("default", "dir", 1843, 0.58, 40, 0.88)]
    return [pool("local", "dir", 120, 0.22, 9, 0.41)]


_MACHINES = {
    "kvm01": (32, 0.61, 256, 0.72, 1.8, 0.94, (11.2, 9.8, 8.1), "QEMU 8.2.2", "10.0"),
    "kvm02": (32, 0.34, 256, 0.58, 1.4, 0.81, (6.0, 5.7, 6.1), "QEMU 8.2.2", "10.0"),
    "edge1": (8, 0.12, 32, 0.31, 1.1, 0.31, (0.9, 0.8, 0.8), "QEMU 7.2.0", "9.0"),
}


# Pressure is told of this machine alone, and kvm01 plays its part.
_PRESSURES = {
    "kvm01": Pressure(
        PressureAverages(0.23, 0.18), PressureAverages(0.0, 0.0), PressureAverages(0.03, 0.06)
    ),
    "kvm02": NO_PRESSURE,
    "edge1": NO_PRESSURE,
}


def _cells(host: str) -> tuple[NumaCell, ...] | None:
    """Two cells with huge pages on the large hosts; the small one tells of none."""
    if host == "edge1":
        return None
    return tuple(
        NumaCell(
            id, 16, int(128 * G), int(free * G),
            (HugePages(2 * 1024**2, 8192, unused), HugePages(1024**3, 8 * id, 6 * id)),
        )
        for id, free, unused in ((0, 9.4, 512), (1, 61.8, 7168))
    )  # fmt: skip


@cache
def inventory(host: str, selected: ObjectId | None = None) -> Inventory:
    """One host of the scene."""
    mine = [(domain, usage) for domain, usage in domains() if domain.key.host == host]
    cpus, cpu, memory, share, vcpu, promised, load, hypervisor, libvirt = _MACHINES[host]
    state = HostState(
        host,
        f"qemu+ssh://root@{host}/system",
        host,
        ConnectionState.LIVE,
        since_at=NOW - 3600,
        answered_at=NOW,
        answered_epoch=EPOCH,
        hypervisor=hypervisor,
        libvirt=libvirt,
        figures=HostMetrics(
            cpus,
            cpu,
            int(memory * G),
            int(memory * share * G),
            load,
            0.02 if cpus > 8 else 0.0,
            pressure=_PRESSURES[host],
        ),
        running=sum(domain.state.active for domain, _ in mine),
        vcpus_promised=round(vcpu * cpus),
        memory_promised=int(promised * memory * G),
        cells=_cells(host),
    )
    return Inventory(
        state,
        NOW,
        1.0,
        True,
        {domain.key.uuid: domain for domain, _ in mine},
        {domain.key.uuid: usage for domain, usage in mine},
        {network.key.uuid: network for network in _networks(host)},
        {pool.key.uuid: pool for pool in _pools(host)},
        trail(selected) if selected is not None and selected.host == host else None,
    )


def inventories() -> list[Inventory]:
    """All three hosts; db-primary-01 has a trail."""
    primary = ObjectId("kvm01", uuid("db-primary-01"))
    return [inventory(host, primary) for host in HOSTS]


def silent(inventory: Inventory, seconds: float = 42) -> Inventory:
    """The same host, not answering for so long."""
    host = replace(
        inventory.host,
        phase=ConnectionState.SILENT,
        since_at=NOW - seconds,
        answered_at=NOW - seconds,
        answered_epoch=EPOCH - seconds,
        next_try_at=NOW + 6,
    )
    return replace(inventory, host=host)


def small(host: str, names: Sequence[str], **more: Any) -> Inventory:
    """A host with a few plain running domains, for tests that need no more."""
    found = [_domain(name, host, vcpus=2, memory=int(2 * G), **more) for name in names]
    base = inventory("edge1")
    usage = {
        domain.key.uuid: Usage(cpu=(place + 1) / 100, cpu_at=NOW)
        for place, domain in enumerate(found)
    }
    return replace(
        base,
        host=replace(base.host, id=host, name=host, running=len(found)),
        domains={domain.key.uuid: domain for domain in found},
        usage=usage,
        networks={},
        pools={},
    )


def task(number: int, verb: Verb, name: str, state: TaskState, ago: float, **more: Any) -> Task:
    """A task on a domain of this scene, begun ``ago`` seconds before now."""
    target = Target(Kind.DOMAIN, key(name), name)
    base = Task(number, Command(verb, target), state, NOW - ago, EPOCH - ago)
    return replace(base, **more)


def tasks() -> list[Task]:
    """Two tasks at work, one failed, two done."""
    missing = OperationError(
        "its disk image is not there. Nothing was changed",
        advice="start pool crm, then retry this task (r)",
        libvirt_message="Cannot access storage file '/srv/crm/crm.qcow2': "
        "No such file or directory",
    )
    return [
        task(1, Verb.SAVE, "gitlab", TaskState.DONE, 1531, ended_at=NOW - 1523, words="saved"),
        task(2, Verb.START, "legacy-crm-2011", TaskState.FAILED, 1395, ended_at=NOW - 1394.6,
             trouble=missing),
        task(3, Verb.SHUTDOWN, "ci-runner-03", TaskState.RUNNING, 41, words="asked, no answer yet"),
        task(4, Verb.REBOOT, "web-03", TaskState.RUNNING, 3, words="asked"),
        task(5, Verb.PAUSE, "dns-01", TaskState.CANCELLED, 2700, ended_at=NOW - 2688),
    ]  # fmt: skip


def host_events() -> list[HostEvent]:
    """What happened, oldest first."""
    told = [
        (2652, "kvm01", "domain", "web-02", "off: shut down", "you", Severity.OK),
        (1656, "kvm01", "domain", "legacy-crm-2011", "crashed", "", Severity.ERROR),
        (
            1395,
            "kvm01",
            "task",
            "legacy-crm-2011",
            "start failed: no disk image",
            "you",
            Severity.WARNING,
        ),
        (783, "edge1", "host", "edge1", "stopped answering", "", Severity.ERROR),
        (711, "edge1", "host", "edge1", "live again after 1m 12s", "", Severity.OK),
        (148, "kvm01", "pool", "nvme", "nearly full, 98 %", "", Severity.ERROR),
        (146, "kvm02", "disk", "db-replica-02", "I/O error on vda, paused", "", Severity.ERROR),
        (14, "kvm02", "guest", "k8s-node-3", "stopped answering", "", Severity.ERROR),
        (3, "kvm01", "domain", "web-04", "starting", "you", Severity.OK),
    ]  # fmt: skip
    names = {domain.name: domain.key for domain, _ in domains()}
    names["nvme"] = ObjectId("kvm01", "pool-nvme")
    names["edge1"] = ObjectId("edge1", "")
    return [
        HostEvent(EPOCH - ago, host, topic, who, what, by, level, names.get(who), Kind.DOMAIN)
        for ago, host, topic, who, what, by, level in told
    ]


def volumes() -> tuple[Volume, ...]:
    """The volumes of pool default on kvm01."""
    return (
        Volume("db-primary-01.qcow2", "/srv/default/db-primary-01.qcow2", "qcow2",
               int(200 * G), int(200 * G)),
        Volume("gitlab.qcow2", "/srv/default/gitlab.qcow2", "qcow2", int(120 * G), int(97.2 * G)),
        Volume("old-crm-2009.raw", "/srv/default/old-crm-2009.raw", "raw", int(80 * G),
               int(80 * G)),
        Volume("web-01.qcow2", "/srv/default/web-01.qcow2", "qcow2", int(40 * G), int(8.8 * G),
               "/srv/default/base-debian12.qcow2"),
        Volume("base-debian12.qcow2", "/srv/default/base-debian12.qcow2", "qcow2", int(4 * G),
               int(2.3 * G)),
        Volume("seed-web-01.iso", "/srv/default/seed-web-01.iso", "iso", 366 * 1024, 366 * 1024),
    )  # fmt: skip
