"""What a network or pool has several of is all told: by the test driver, from a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet_client import RecordingClient, listening
from virttui.model.inventory import Inventory, Network, Pool
from virttui.model.network_parts import NetworkParts, Portgroup
from virttui.model.thresholds import Thresholds
from virttui.panes.networks.details import detail_lines
from virttui.panes.networks.pane import COLUMNS, LANGUAGE, NetworkRow
from virttui.panes.storage.pool_details import detail_lines as pool_story
from virttui.panes.storage.pools import PoolRow, status_text
from virttui.render.glyphs import UNICODE, RenderContext
from virttui.render.line import plain
from virttui.store.fleet_state import FleetState

NODE = """<node>
<network><name>ovs0</name><forward mode='bridge'/><bridge name='ovsbr0'/>
 <virtualport type='openvswitch'/>
 <portgroup name='vlan-100' default='yes'><vlan><tag id='100'/></vlan></portgroup>
 <portgroup name='trunk'><vlan trunk='yes'><tag id='100' nativeMode='untagged'/><tag id='101'/>
  </vlan></portgroup></network>
<network><name>dual</name>
 <forward mode='nat'><nat ipv6='yes'><address start='192.0.2.1' end='192.0.2.4'/>
  <port start='1024' end='65535'/></nat><interface dev='eth0'/></forward>
 <bridge name='virbr71'/>
 <ip address='10.71.0.1' netmask='255.255.255.0'><dhcp><range start='10.71.0.10' end='10.71.0.49'/>
  <range start='10.71.0.200' end='10.71.0.250'/></dhcp></ip>
 <ip family='ipv6' address='fd71:1::1' prefix='64'><dhcp>
  <range start='fd71:1::100' end='fd71:1::1ff'/></dhcp></ip>
 <ip address='10.72.0.1' prefix='24'/>
 <route address='10.99.0.0' prefix='16' gateway='10.71.0.2' metric='2'/></network>
<network><name>sriov</name><forward mode='hostdev' managed='yes'>
 <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x0'/>
 <address type='pci' domain='0x0000' bus='0x03' slot='0x10' function='0x2'/></forward></network>
<pool type='zfs'><name>zpool</name><source><name>tank/vm</name></source>
 <target><path>/dev/zvol/tank/vm</path></target></pool>
<pool type='logical'><name>vg0</name><source><device path='/dev/sdb'/><device path='/dev/sdc'/>
 <name>vg0</name><format type='lvm2'/></source><target><path>/dev/vg0</path></target></pool>
<pool type='netfs'><name>nas</name><source><host name='nas.example.net'/><dir path='/export/iso'/>
 <format type='nfs'/></source><target><path>/mnt/nas</path></target></pool>
<pool type='iscsi'><name>san</name><source><host name='san.example.net'/>
 <device path='iqn.2013-06.com.example:t1'/>
 <auth type='chap' username='u'><secret usage='libvirtiscsi'/></auth></source>
 <target><path>/dev/disk/by-path</path></target></pool>
<pool type='rbd'><name>ceph</name><source><name>vms</name>
 <host name='mon1.example.net' port='6789'/><host name='mon2.example.net'/>
 <auth type='ceph' username='admin'><secret uuid='0b0b0b0b-1111-4222-8333-444455556666'/></auth>
 </source></pool>
</node>"""
LOOK = RenderContext(UNICODE, True, 0.0, 0.0, Thresholds())


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingClient]:
    file: Path = tmp_path_factory.mktemp("node") / "node.xml"
    file.write_text(NODE)
    with listening(f"test://{file}") as made:
        made.wait(lambda: made.pool("ceph") and made.network("dual"), what="all of it")
        yield made


def network(client: RecordingClient, name: str) -> Network:
    found = client.network(name)
    assert found is not None
    return found


def below(client: RecordingClient, name: str) -> str:
    """What stands below the list for a network."""
    found = network(client, name)
    row = NetworkRow(found.key, found, client.inventory(), 0, "")
    return "\n".join(plain(line) for line in detail_lines(row, LOOK, 80, 30))


def test_every_subnet_range_and_route_is_shown(client: RecordingClient) -> None:
    told = below(client, "dual")
    for words in ("10.71.0.0/24", "fd71:1::/64", "10.72.0.0/24", "10.71.0.10 to 10.71.0.49",
                  "10.71.0.200 to 10.71.0.250", "fd71:1::100 to fd71:1::1ff",
                  "10.99.0.0/16 by 10.71.0.2, metric 2", "eth0",
                  "192.0.2.1 to 192.0.2.4, ports 1024 to 65535, IPv6 too"):  # fmt: skip
        assert words in told, told
    row = NetworkRow(
        network(client, "dual").key, network(client, "dual"), client.inventory(), 0, ""
    )
    cells = {column.id: column.cell(row, LOOK) for column in COLUMNS}
    assert cells["subnet"] == "10.71.0.0/24 +2" and cells["dhcp"] == "10-49 +2"
    assert "10.72.0.0/24" in LANGUAGE.words["subnet"](row)


def test_portgroups_and_their_vlans_are_shown(client: RecordingClient) -> None:
    assert network(client, "ovs0").parts == NetworkParts(
        portgroups=(
            Portgroup("vlan-100", True, "vlan 100"),
            Portgroup("trunk", False, "trunk of vlans 100 (untagged), 101"),
        ),
        virtualport="openvswitch",
    )
    told = below(client, "ovs0")
    assert "vlan-100: default, vlan 100" in told and "openvswitch" in told
    assert "trunk: trunk of vlans 100 (untagged), 101" in told


def test_the_devices_a_network_gives_away_are_shown(client: RecordingClient) -> None:
    assert network(client, "sriov").parts.devices == ("0000:03:10.0", "0000:03:10.2")
    assert "0000:03:10.2" in below(client, "sriov")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("zpool", ("zpool tank/vm",)),
        ("vg0", ("volume group vg0", "device /dev/sdb, /dev/sdc", "format lvm2")),
        ("nas", ("server nas.example.net", "export /export/iso", "format nfs")),
        ("san", ("server san.example.net", "target iqn.2013-06.com.example:t1",
                 "login u (chap), secret libvirtiscsi")),
        ("ceph", ("monitors mon1.example.net:6789, mon2.example.net", "Ceph pool vms",
                  "login admin (ceph), secret 0b0b0b0b-1111-4222-8333-444455556666")),
    ],
)  # fmt: skip
def test_where_the_storage_of_a_pool_comes_from_is_shown(
    client: RecordingClient, name: str, words: tuple[str, ...]
) -> None:
    pool = client.pool(name)
    assert isinstance(pool, Pool)
    inventory: Inventory = client.inventory()
    row = PoolRow(pool.key, pool, inventory, "")
    said = plain(status_text(row, FleetState(inventories={inventory.host.id: inventory}), LOOK))
    told = [" ".join(plain(line).split()) for line in pool_story(row, LOOK, 100, 12)]
    for one in words:
        assert one in said and one in told, (said, told)
