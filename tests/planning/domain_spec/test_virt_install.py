"""The same by hand: words for a shell."""

from __future__ import annotations

import shlex

from hypothesis import given
from hypothesis import strategies as st

from tests.planning.domain_spec.host_capabilities import KVM, machine
from virttui.model.provision.domain_spec import InstallMethod, NicSpec
from virttui.planning.domain_spec.defaults import with_defaults
from virttui.planning.domain_spec.virt_install import install_line
from virttui.planning.osinfo.builtin import GENERIC_LINUX

URI = "qemu+ssh://root@host/system?a=b&c"


def test_all_that_was_chosen_is_in_it() -> None:
    made = with_defaults(machine(os="linux2022"), GENERIC_LINUX, KVM)
    assert install_line(made, URI, {"web.qcow2": 20 * 1024**3}) == (
        "virt-install --connect 'qemu+ssh://root@host/system?a=b&c' --name web --osinfo linux2022 "
        "--virt-type kvm --arch x86_64 --machine q35 --memory 2048 --vcpus 2 "
        "--install bootdev=cdrom --cpu host-passthrough "
        "--disk pool=default,size=20,format=qcow2,bus=virtio,target.dev=vda,driver.discard=unmap "
        "--disk path=/srv/debian.iso,device=cdrom,bus=sata,target.dev=sda "
        "--graphics vnc,listen=127.0.0.1 --video virtio --rng /dev/urandom --tpm none "
        "--channel unix,target.type=virtio,target.name=org.qemu.guest_agent.0 --sound none "
        "--network network=default,model=virtio --noautoconsole"
    )


def test_what_was_not_chosen_is_left_to_virt_install() -> None:
    assert shlex.split(install_line(machine(InstallMethod.NETWORK, disks=(), nics=()),
        URI))[3:] == [
        "--name", "web", "--osinfo", "detect=off,require=off", "--pxe", "--disk", "none",
        "--sound", "none", "--network", "none", "--noautoconsole",
    ]  # fmt: skip


@given(st.text(min_size=1), st.text(min_size=1))
def test_words_stay_one_word_for_a_shell(name: str, network: str) -> None:
    line = install_line(machine(name=name, nics=(NicSpec(source=network),)), URI)
    words = shlex.split(line)
    assert words[words.index("--name") + 1] == name
    # As virt-install takes an option apart.
    inner = shlex.shlex(words[words.index("--network") + 1], posix=True)
    inner.commenters, inner.whitespace, inner.whitespace_split = "", ",", True
    assert list(inner) == ["network=" + network]
