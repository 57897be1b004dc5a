"""A small document for each kind of device and object: what is valid must stay without a word."""

from __future__ import annotations

from virttui.model.identity import Kind

DOMAIN = """<domain type='kvm'>
  <name>probe</name>
  <uuid>11111111-2222-4333-8444-555555555555</uuid>
  <title>A probe</title>
  <metadata>
    <other:thing xmlns:other='urn:example:other' size='3'><other:part>x</other:part></other:thing>
  </metadata>
  <memory unit='GiB'>2</memory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode='host-passthrough' check='none'/>
  <clock offset='utc'>
    <timer name='rtc' tickpolicy='catchup'/>
  </clock>
  <on_reboot>restart</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
{device}
  </devices>
</domain>
"""

DEVICES = {
    "disk file": """    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='native' discard='unmap'/>
      <source file='/var/lib/images/probe.qcow2'/>
      <backingStore type='file'>
        <format type='raw'/>
        <source file='/var/lib/images/base.raw'/>
      </backingStore>
      <target dev='vda' bus='virtio'/>
      <iotune>
        <total_iops_sec>4000</total_iops_sec>
      </iotune>
      <serial>probe-1</serial>
      <boot order='1'/>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </disk>""",
    "disk block": """    <disk type='block' device='disk'>
      <driver name='qemu' type='raw'/>
      <source dev='/dev/vg/probe'/>
      <target dev='sda' bus='scsi'/>
      <shareable/>
    </disk>""",
    "disk volume": """    <disk type='volume' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source pool='default' volume='probe.qcow2'/>
      <target dev='vdb' bus='virtio'/>
    </disk>""",
    "disk network": """    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <auth username='admin'>
        <secret type='ceph' uuid='11111111-2222-4333-8444-666666666666'/>
      </auth>
      <source protocol='rbd' name='pool/probe'>
        <host name='mon1.example.org' port='6789'/>
      </source>
      <target dev='vdc' bus='virtio'/>
    </disk>""",
    "cdrom": """    <disk type='file' device='cdrom'>
      <target dev='sdb' bus='sata' tray='open'/>
      <readonly/>
    </disk>""",
    "floppy": """    <disk type='file' device='floppy'>
      <source file='/var/lib/images/boot.img'/>
      <target dev='fda' bus='fdc'/>
    </disk>""",
    "lun": """    <disk type='block' device='lun' sgio='unfiltered'>
      <source dev='/dev/sdz'/>
      <target dev='sdc' bus='scsi'/>
    </disk>""",
    "interface network": """    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
      <driver name='vhost' queues='4'/>
      <filterref filter='clean-traffic'>
        <parameter name='IP' value='192.0.2.7'/>
      </filterref>
      <link state='up'/>
      <mtu size='1500'/>
      <alias name='ua-net'/>
    </interface>""",
    "interface bridge": """    <interface type='bridge'>
      <mac address='52:54:00:00:00:02'/>
      <source bridge='br0'/>
      <virtualport type='openvswitch'/>
      <vlan>
        <tag id='42'/>
      </vlan>
      <bandwidth>
        <inbound average='1000' peak='5000' burst='1024'/>
      </bandwidth>
      <model type='e1000e'/>
    </interface>""",
    "interface direct": """    <interface type='direct'>
      <source dev='eno1' mode='bridge'/>
      <model type='virtio'/>
    </interface>""",
    "interface user": """    <interface type='user'>
      <mac address='52:54:00:00:00:03'/>
      <model type='rtl8139'/>
    </interface>""",
    "interface hostdev": """    <interface type='hostdev' managed='yes'>
      <mac address='52:54:00:00:00:04'/>
      <source>
        <address type='pci' domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/>
      </source>
    </interface>""",
    "interface vhostuser": """    <interface type='vhostuser'>
      <source type='unix' path='/run/vhost1.sock' mode='server'/>
      <model type='virtio'/>
    </interface>""",
    "graphics vnc": """    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>""",
    "graphics spice": """    <graphics type='spice' autoport='yes'>
      <listen type='none'/>
      <image compression='auto_glz'/>
      <clipboard copypaste='no'/>
    </graphics>""",
    "video": """    <video>
      <model type='virtio' heads='1' primary='yes'>
        <acceleration accel3d='no'/>
        <resolution x='1280' y='800'/>
      </model>
    </video>""",
    "serial": """    <serial type='pty'>
      <log file='/var/log/probe.log' append='on'/>
      <target type='isa-serial' port='0'>
        <model name='isa-serial'/>
      </target>
    </serial>""",
    "parallel": """    <parallel type='file'>
      <source path='/tmp/printer'/>
      <target port='0'/>
    </parallel>""",
    "console": """    <console type='pty'>
      <target type='virtio' port='0'/>
    </console>""",
    "channel unix": """    <channel type='unix'>
      <target type='virtio' name='org.qemu.guest_agent.0'/>
    </channel>""",
    "channel spicevmc": """    <channel type='spicevmc'>
      <target type='virtio' name='com.redhat.spice.0'/>
    </channel>""",
    "rng": """    <rng model='virtio'>
      <rate bytes='1024' period='1000'/>
      <backend model='random'>/dev/urandom</backend>
    </rng>""",
    "tpm": """    <tpm model='tpm-crb'>
      <backend type='emulator' version='2.0'/>
    </tpm>""",
    "watchdog": "    <watchdog model='i6300esb' action='reset'/>",
    "hostdev usb": """    <hostdev mode='subsystem' type='usb' managed='yes'>
      <source startupPolicy='optional'>
        <vendor id='0x1d6b'/>
        <product id='0x0002'/>
      </source>
    </hostdev>""",
    "hostdev pci": """    <hostdev mode='subsystem' type='pci' managed='yes'>
      <driver name='vfio'/>
      <source>
        <address domain='0x0000' bus='0x3b' slot='0x00' function='0x0'/>
      </source>
      <rom bar='on' file='/usr/share/rom.bin'/>
    </hostdev>""",
    "hostdev mdev": """    <hostdev mode='subsystem' type='mdev' model='vfio-pci' display='off'>
      <source>
        <address uuid='11111111-2222-4333-8444-777777777777'/>
      </source>
    </hostdev>""",
    "filesystem virtiofs": """    <filesystem type='mount' accessmode='passthrough'>
      <driver type='virtiofs' queue='1024'/>
      <source dir='/srv/share'/>
      <target dir='share'/>
    </filesystem>""",
    "filesystem mount": """    <filesystem type='mount' accessmode='mapped'>
      <source dir='/srv/other'/>
      <target dir='other'/>
      <readonly/>
    </filesystem>""",
    "input": "    <input type='tablet' bus='usb'/>",
    "sound": """    <sound model='ich9'>
      <codec type='micro'/>
      <audio id='1'/>
    </sound>""",
    "audio": "    <audio id='1' type='none'/>",
    "memballoon": """    <memballoon model='virtio' autodeflate='on'>
      <stats period='5'/>
    </memballoon>""",
    "memory": """    <memory model='dimm'>
      <target>
        <size unit='MiB'>512</size>
        <node>0</node>
      </target>
    </memory>""",
    "panic": "    <panic model='isa'/>",
    "iommu": """    <iommu model='intel'>
      <driver intremap='on' iotlb='on'/>
    </iommu>""",
    "vsock": """    <vsock model='virtio'>
      <cid auto='no' address='3'/>
    </vsock>""",
    "shmem": """    <shmem name='shared'>
      <model type='ivshmem-plain'/>
      <size unit='M'>4</size>
    </shmem>""",
    "redirdev": "    <redirdev bus='usb' type='spicevmc'/>",
    "smartcard": "    <smartcard mode='host'/>",
    "controller": """    <controller type='pci' index='1' model='pcie-root-port'>
      <model name='pcie-root-port'/>
      <target chassis='1' port='0x10'/>
    </controller>
    <controller type='usb' index='0' model='qemu-xhci' ports='15'/>
    <controller type='virtio-serial' index='0'/>""",
    "hub": "    <hub type='usb'/>",
    "crypto": """    <crypto model='virtio' type='qemu'>
      <backend model='builtin' queues='1'/>
    </crypto>""",
}
"""By kind of device: what stands in ``<devices>``."""

NEWER = {"crypto"}
"""What libvirt 9.0 does not know yet: checked where the schemas do."""

DOMAINS = {
    "tuning": """<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <name>tuned</name>
  <memory unit='KiB'>4194304</memory>
  <currentMemory unit='KiB'>2097152</currentMemory>
  <memoryBacking>
    <hugepages>
      <page size='2' unit='M' nodeset='0'/>
    </hugepages>
    <source type='memfd'/>
    <access mode='shared'/>
  </memoryBacking>
  <vcpu placement='static' current='2'>4</vcpu>
  <iothreads>2</iothreads>
  <cputune>
    <shares>2048</shares>
    <vcpupin vcpu='0' cpuset='0-1'/>
    <emulatorpin cpuset='0'/>
  </cputune>
  <numatune>
    <memory mode='strict' nodeset='0'/>
  </numatune>
  <sysinfo type='smbios'>
    <system>
      <entry name='manufacturer'>Example</entry>
    </system>
  </sysinfo>
  <os firmware='efi'>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <loader secure='yes'/>
    <boot dev='hd'/>
    <boot dev='cdrom'/>
    <bootmenu enable='yes' timeout='3000'/>
    <smbios mode='sysinfo'/>
  </os>
  <features>
    <acpi/>
    <hyperv mode='custom'>
      <relaxed state='on'/>
      <spinlocks state='on' retries='8191'/>
    </hyperv>
    <smm state='on'/>
  </features>
  <cpu mode='custom' match='exact' check='partial'>
    <model fallback='allow'>Skylake-Server</model>
    <topology sockets='1' dies='1' cores='2' threads='2'/>
    <feature policy='require' name='vmx'/>
    <numa>
      <cell id='0' cpus='0-3' memory='4194304' unit='KiB'/>
    </numa>
  </cpu>
  <clock offset='localtime'/>
  <on_poweroff>destroy</on_poweroff>
  <on_crash>coredump-destroy</on_crash>
  <pm>
    <suspend-to-mem enabled='no'/>
  </pm>
  <devices>
    <disk type='file' device='disk'>
      <source file='/a.img'/>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
  <seclabel type='dynamic' model='dac' relabel='yes'/>
  <qemu:commandline>
    <qemu:arg value='-no-hpet'/>
  </qemu:commandline>
</domain>
""",
    "direct kernel": """<domain type='qemu'>
  <name>kernel</name>
  <memory>262144</memory>
  <os>
    <type>hvm</type>
    <kernel>/boot/vmlinuz</kernel>
    <initrd>/boot/initrd</initrd>
    <cmdline>console=ttyS0</cmdline>
  </os>
</domain>
""",
    "container": """<domain type='lxc'>
  <name>box</name>
  <memory>262144</memory>
  <os>
    <type>exe</type>
    <init>/bin/sh</init>
    <initarg>-c</initarg>
  </os>
  <devices>
    <filesystem type='mount'>
      <source dir='/srv/box'/>
      <target dir='/'/>
    </filesystem>
    <console type='pty'/>
  </devices>
</domain>
""",
}

NETWORKS = {
    "nat": """<network>
  <name>lab</name>
  <forward mode='nat'>
    <nat>
      <port start='1024' end='65535'/>
    </nat>
  </forward>
  <bridge name='virbr9' stp='on' delay='0'/>
  <mtu size='1450'/>
  <domain name='lab.example' localOnly='yes'/>
  <dns>
    <host ip='192.0.2.1'>
      <hostname>gateway</hostname>
    </host>
  </dns>
  <ip address='192.0.2.1' netmask='255.255.255.0'>
    <dhcp>
      <range start='192.0.2.10' end='192.0.2.99'/>
      <host mac='52:54:00:00:00:09' name='web' ip='192.0.2.9'/>
    </dhcp>
  </ip>
  <ip family='ipv6' address='2001:db8::1' prefix='64'/>
</network>
""",
    "bridge": """<network>
  <name>flat</name>
  <forward mode='bridge'/>
  <bridge name='br0'/>
</network>
""",
    "direct": """<network>
  <name>direct</name>
  <forward mode='passthrough'>
    <interface dev='eno1'/>
    <interface dev='eno2'/>
  </forward>
</network>
""",
    "hostdev": """<network>
  <name>sriov</name>
  <forward mode='hostdev' managed='yes'>
    <pf dev='eno1'/>
  </forward>
</network>
""",
    "open vswitch": """<network>
  <name>ovs</name>
  <forward mode='bridge'/>
  <bridge name='ovs0'/>
  <virtualport type='openvswitch'/>
  <portgroup name='blue' default='yes'>
    <vlan trunk='yes'>
      <tag id='42' nativeMode='untagged'/>
      <tag id='47'/>
    </vlan>
  </portgroup>
</network>
""",
    "routed": """<network>
  <name>routed</name>
  <forward dev='eno1' mode='route'/>
  <bridge name='virbr7'/>
  <ip address='198.51.100.1' prefix='24'/>
  <route address='203.0.113.0' prefix='24' gateway='198.51.100.2'/>
</network>
""",
}

POOLS = {
    "dir": """<pool type='dir'>
  <name>images</name>
  <target>
    <path>/var/lib/images</path>
    <permissions>
      <mode>0711</mode>
      <owner>0</owner>
      <group>0</group>
    </permissions>
  </target>
</pool>
""",
    "fs": """<pool type='fs'>
  <name>mounted</name>
  <source>
    <device path='/dev/vg/images'/>
    <format type='ext4'/>
  </source>
  <target>
    <path>/mnt/images</path>
  </target>
</pool>
""",
    "netfs": """<pool type='netfs'>
  <name>nfs</name>
  <source>
    <host name='nas.example.org'/>
    <dir path='/export'/>
    <format type='nfs'/>
  </source>
  <target>
    <path>/mnt/nfs</path>
  </target>
</pool>
""",
    "logical": """<pool type='logical'>
  <name>vg</name>
  <source>
    <device path='/dev/sdb1'/>
    <name>vg</name>
    <format type='lvm2'/>
  </source>
  <target>
    <path>/dev/vg</path>
  </target>
</pool>
""",
    "disk": """<pool type='disk'>
  <name>sdb</name>
  <source>
    <device path='/dev/sdb'/>
    <format type='gpt'/>
  </source>
  <target>
    <path>/dev</path>
  </target>
</pool>
""",
    "iscsi": """<pool type='iscsi'>
  <name>san</name>
  <source>
    <host name='san.example.org'/>
    <device path='iqn.2026-01.org.example:disk'/>
    <auth type='chap' username='me'>
      <secret usage='san'/>
    </auth>
  </source>
  <target>
    <path>/dev/disk/by-path</path>
  </target>
</pool>
""",
    "scsi": """<pool type='scsi'>
  <name>hba</name>
  <source>
    <adapter type='scsi_host' name='scsi_host1'/>
  </source>
  <target>
    <path>/dev/disk/by-path</path>
  </target>
</pool>
""",
    "rbd": """<pool type='rbd'>
  <name>ceph</name>
  <source>
    <host name='mon1' port='6789'/>
    <name>vms</name>
    <auth type='ceph' username='admin'>
      <secret uuid='11111111-2222-4333-8444-666666666666'/>
    </auth>
  </source>
</pool>
""",
    "zfs": """<pool type='zfs'>
  <name>tank</name>
  <source>
    <name>tank/vms</name>
  </source>
</pool>
""",
    "gluster": """<pool type='gluster'>
  <name>gluster</name>
  <source>
    <name>volume</name>
    <host name='g1'/>
    <dir path='/'/>
  </source>
</pool>
""",
}

OTHERS: dict[str, tuple[Kind, str]] = {
    "volume": (
        Kind.VOLUME,
        """<volume type='file'>
  <name>probe.qcow2</name>
  <capacity unit='GiB'>10</capacity>
  <allocation unit='bytes'>0</allocation>
  <target>
    <path>/var/lib/images/probe.qcow2</path>
    <format type='qcow2'/>
    <permissions>
      <mode>0600</mode>
    </permissions>
    <compat>1.1</compat>
    <features>
      <lazy_refcounts/>
    </features>
  </target>
  <backingStore>
    <path>/var/lib/images/base.qcow2</path>
    <format type='qcow2'/>
  </backingStore>
</volume>
""",
    ),
    "snapshot": (
        Kind.SNAPSHOT,
        """<domainsnapshot>
  <name>before</name>
  <description>Before the update</description>
  <memory snapshot='external' file='/var/lib/images/before.mem'/>
  <disks>
    <disk name='vda' snapshot='external' type='file'>
      <driver type='qcow2'/>
      <source file='/var/lib/images/probe.before'/>
    </disk>
    <disk name='vdb' snapshot='no'/>
  </disks>
</domainsnapshot>
""",
    ),
    "nwfilter": (
        Kind.NWFILTER,
        """<filter name='web-only' chain='ipv4' priority='-700'>
  <filterref filter='no-ip-spoofing'/>
  <rule action='accept' direction='in' priority='500'>
    <tcp dstportstart='80' dstportend='443'/>
  </rule>
  <rule action='drop' direction='inout'>
    <all/>
  </rule>
</filter>
""",
    ),
    "secret": (
        Kind.SECRET,
        """<secret ephemeral='no' private='yes'>
  <description>The key of a volume</description>
  <usage type='volume'>
    <volume>/var/lib/images/probe.luks</volume>
  </usage>
</secret>
""",
    ),
    "interface ethernet": (
        Kind.INTERFACE,
        """<interface type='ethernet' name='eno1'>
  <start mode='onboot'/>
  <mtu size='9000'/>
  <protocol family='ipv4'>
    <ip address='192.0.2.5' prefix='24'/>
    <route gateway='192.0.2.1'/>
  </protocol>
</interface>
""",
    ),
    "interface bridge": (
        Kind.INTERFACE,
        """<interface type='bridge' name='br0'>
  <start mode='onboot'/>
  <protocol family='ipv4'>
    <dhcp/>
  </protocol>
  <bridge stp='off' delay='0.01'>
    <interface type='ethernet' name='eno1'/>
  </bridge>
</interface>
""",
    ),
    "interface bond": (
        Kind.INTERFACE,
        """<interface type='bond' name='bond0'>
  <start mode='onboot'/>
  <bond mode='active-backup'>
    <miimon freq='100' updelay='10' carrier='ioctl'/>
    <interface type='ethernet' name='eno1'/>
    <interface type='ethernet' name='eno2'/>
  </bond>
</interface>
""",
    ),
    "interface vlan": (
        Kind.INTERFACE,
        """<interface type='vlan' name='eno1.42'>
  <start mode='onboot'/>
  <vlan tag='42'>
    <interface name='eno1'/>
  </vlan>
</interface>
""",
    ),
    "mediated device": (
        Kind.NODE_DEVICE,
        """<device>
  <name>mdev_probe</name>
  <parent>pci_0000_06_00_0</parent>
  <capability type='mdev'>
    <type id='nvidia-11'/>
    <uuid>11111111-2222-4333-8444-777777777777</uuid>
    <attr name='assign_adapter' value='5'/>
  </capability>
</device>
""",
    ),
}


def everything() -> dict[str, tuple[Kind, str]]:
    """Every document by name, with its kind."""
    return {
        **{
            name: (Kind.DOMAIN, DOMAIN.replace("{device}", device))
            for name, device in DEVICES.items()
        },
        **{f"domain {name}": (Kind.DOMAIN, text) for name, text in DOMAINS.items()},
        **{f"network {name}": (Kind.NETWORK, text) for name, text in NETWORKS.items()},
        **{f"pool {name}": (Kind.POOL, text) for name, text in POOLS.items()},
        **OTHERS,
    }
