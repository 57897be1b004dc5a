"""Machines made on a lab in every way there is: each ends in a guest that boots."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.lab import guests, xml
from tests.lab.daemon import Lab
from tests.lab.domains.test_details import run_inside
from tests.lab.images import bootable, images
from tests.lab.processes import run
from tests.web_server import serving

pytestmark = pytest.mark.lab

WORDS = f"console=ttyS0 {xml.BOOT_OPTIONS} hostname=fresh"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab with images that boot in its pool, as a CD and as a disk."""
    skip_without_root()
    with Lab(f"create-{os.getpid()}") as lab:
        guests.furnish_lab(lab)
        for name in ("boot.iso", "image.raw", "ready.raw"):
            shutil.copyfile(bootable(WORDS), guests.pool_folder(lab) / name)
        lab.virsh("pool-refresh", "default")
        yield lab


Creating = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def creating(lab: Lab, tmp_path: Path) -> Iterator[Creating]:
    """Runs ``virttui create`` on a text; what it made is gone afterwards."""
    before = set(lab.virsh("list", "--all", "--name").split())

    def create(text: str, *options: str) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "machines.toml"
        file.write_text(text)
        command = [sys.executable, "-m", "virttui", "create", str(file), "-c", lab.uri, *options]
        home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
        return subprocess.run(
            command, capture_output=True, text=True, timeout=120, check=False,
            env={**os.environ, **home},
        )  # fmt: skip

    yield create
    for name in set(lab.virsh("list", "--all", "--name").split()) - before:
        if name in lab.virsh("list", "--name").split():
            lab.virsh("destroy", name)
        lab.virsh("undefine", name, "--nvram")
    for file in guests.pool_folder(lab).glob("fresh*"):
        file.unlink()
    lab.virsh("pool-refresh", "default")


def machine(**values: object) -> str:
    """A machine of a file; KVM of a nested host may not boot Linux."""
    usual = {"name": "fresh", "memory": "256M", "vcpus": 1, "virt": "qemu", "os": "debian11"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in {**usual, **values}.items()]
    return "\n".join(["[[machine]]", *lines])


@pytest.mark.parametrize(
    "values",
    [
        {"method": "install medium", "medium": "default/boot.iso", "size": "1G"},
        {"method": "existing disk", "disk": "default/ready.raw"},
        {"method": "cloud image", "base": "default/image.raw", "size": "1G", "how": "copy"},
        {"method": "kernel", "cmdline": WORDS},
    ],
    ids=lambda values: str(values["method"]),
)
def test_every_way_ends_in_a_guest_that_boots(
    lab: Lab, creating: Creating, values: dict[str, str]
) -> None:
    if values["method"] == "kernel":
        made = images()
        values = {**values, "kernel": str(made.kernel), "initrd": str(made.initramfs)}
    told = creating(machine(**values))
    assert told.returncode == 0, told
    assert "done: fresh created" in told.stdout and "and started" in told.stdout
    guests.wait_booted(lab, "fresh")


def test_a_cloud_image_is_told_who_it_is(lab: Lab, creating: Creating, tmp_path: Path) -> None:
    key = tmp_path / "key.pub"
    key.write_text("ssh-ed25519 AAAAC3Nz somebody@desk\n")
    told = creating(
        machine(method="cloud image", base="default/image.raw", size="1G", how="overlay",
                hostname="inside", user="lee", password="s3cret: 'quoted\"", keys=str(key))
    )  # fmt: skip
    assert told.returncode == 0, told
    assert "s3cret" not in told.stdout + told.stderr + lab.virsh("dumpxml", "fresh")
    guests.wait_booted(lab, "fresh")
    disks = lab.virsh("domblklist", "fresh")
    assert "fresh-seed.iso" in disks
    line = "modprobe isofs; mkdir -p /seed; mount -t iso9660 -o ro /dev/vdb /seed; cat /seed/*"
    said = run_inside(lab, "fresh", line)
    assert "inside" in said and "lee" in said and "AAAAC3Nz somebody@desk" in said
    assert "$6$" in said and "s3cret" not in said, "only a hash of the password"
    base = guests.pool_folder(lab) / "image.raw"
    refused = lab.inside("qemu-img", "info", "--force-share", f"{guests.POOL}/fresh.qcow2")
    assert base.name in refused, "it lies on the image"


def test_a_dry_run_makes_nothing_and_says_all(lab: Lab, creating: Creating) -> None:
    text = machine(method="install medium", medium="default/boot.iso", size="1G").replace(
        '"fresh"', '"fresh-{1..3}"'
    )
    told = creating(text, "--dry-run")
    assert told.returncode == 0, told
    for name in ("fresh-1", "fresh-2", "fresh-3"):
        assert name in told.stdout
    assert "make fresh-1.qcow2 in default" in told.stdout and "virt-install" in told.stdout
    assert "fresh" not in lab.virsh("list", "--all", "--name")
    made = creating(text.replace("[[machine]]", "[defaults]\nstart = false\n[[machine]]"))
    assert made.returncode == 0, made
    names = lab.virsh("list", "--all", "--name").split()
    assert {"fresh-1", "fresh-2", "fresh-3"} <= set(names)
    again = creating(text)
    assert again.returncode == 1 and "fresh-1 is on" in again.stderr


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no [[machine]]"),
        ("[[machine]]\nname = 'a'\nshape = 'round'", "shape is not a field"),
        ("[[machine]]\nname = 'a/b'\nmethod = 'network boot'", "a/b"),
        ("[[machine]]\nmemory = '1G'", "has no name"),
        ("[[machine]\n", "machines.toml"),
        ("[[machine]]\nname = 'a'\nhost = 'nowhere'", "no host is called nowhere"),
        ("[[machine]]\nname = 'a'\nnet = 'nowhere'", "net is nowhere; there is default, isolated"),
        ("[[machine]]\nname = 'a'\ntemplate = 'none'", "no template is called none"),
        ("[[machine]]\nname = 'a'\nmethod = 'cloud image'\nbase = 'default/none'", "no image"),
        (
            "[[machine]]\nname='a'\nmethod='network boot'\n[[machine]]\nname='a'\n"
            "method='network boot'",
            "a is there twice",
        ),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_made(
    lab: Lab, creating: Creating, text: str, why: str
) -> None:
    told = creating(text)
    assert told.returncode == 1, told
    assert why in told.stderr and told.stderr.count("\n") == 1


def test_what_was_installed_boots_the_next_time(lab: Lab, creating: Creating) -> None:
    """An empty disk lets the medium boot; once a system is on it, the disk does."""
    told = creating(machine(method="install medium", medium="default/boot.iso", size="1G"))
    assert told.returncode == 0, told
    guests.wait_booted(lab, "fresh")
    lab.virsh("destroy", "fresh")
    other = bootable(WORDS.replace("hostname=fresh", "hostname=installed"))
    disk = guests.pool_folder(lab) / "fresh.qcow2"
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(other), str(disk))
    lab.virsh("start", "fresh")
    guests.wait_booted(lab, "fresh")
    assert run_inside(lab, "fresh", "hostname").strip() == "installed"


TREEINFO = """\
[general]
name = Debian 11
arch = x86_64
[images-x86_64]
kernel = linux
initrd = initrd.img
[checksums]
linux = sha256:{sum}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """An install tree and a cloud image on a web server of this machine."""
    root, made = tmp_path_factory.mktemp("site"), images()
    shutil.copyfile(made.kernel, root / "linux")
    shutil.copyfile(made.initramfs, root / "initrd.img")
    image = str(root / "fresh-cloud.qcow2")
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", str(bootable(WORDS)), image)
    with serving(root) as url:
        yield root, url


def names_in_pool(lab: Lab) -> set[str]:
    return {line.split()[0] for line in lab.virsh("vol-list", "default").splitlines()[2:] if line}


def test_an_install_tree_boots_its_kernel_once(
    lab: Lab, creating: Creating, site: tuple[Path, str]
) -> None:
    root, url = site
    sum = sha256((root / "linux").read_bytes()).hexdigest()
    tree = {"method": "install tree", "tree": url, "size": "1G", "cmdline": WORDS}
    before = names_in_pool(lab)
    (root / ".treeinfo").write_text(TREEINFO.format(sum="0" * 64))
    refused = creating(machine(**tree))
    assert refused.returncode == 1 and "another SHA-256" in refused.stdout, refused
    assert names_in_pool(lab) == before, "what is not what was listed leaves nothing"
    (root / ".treeinfo").write_text(TREEINFO.format(sum=sum))
    told = creating(machine(**tree))
    assert told.returncode == 0, told
    guests.wait_booted(lab, "fresh")
    assert names_in_pool(lab) - before == {"fresh.qcow2"}, "its kernel is gone from the pool"
    assert "<kernel>" in lab.virsh("dumpxml", "fresh")
    stays = lab.virsh("dumpxml", "fresh", "--inactive")
    assert "<kernel>" not in stays and "<on_reboot>restart" in stays


def test_an_image_of_the_web_is_put_into_the_pool_and_boots(
    lab: Lab, creating: Creating, site: tuple[Path, str]
) -> None:
    root, url = site
    cloud = {"method": "cloud image", "size": "1G", "disk2.size": "64M"}
    told = creating(machine(**cloud, base=f"{url}fresh-cloud.qcow2"))
    assert told.returncode == 0, told
    guests.wait_booted(lab, "fresh")
    assert {"fresh-cloud.qcow2", "fresh.qcow2", "fresh-2.qcow2"} <= names_in_pool(lab)
    file = str(root / "fresh-cloud.qcow2")
    again = creating(machine(**cloud, name="fresh-b", base=file.replace(str(Path.home()), "~")))
    assert again.returncode == 1, "a path is one of the host, and no image there is called so"
    refused = creating(machine(**{**cloud, "name": "fresh-b", "base": f"{url}fresh-cloud.qcow2"}))
    assert refused.returncode == 1 and "choose default/fresh-cloud.qcow2" in refused.stderr
    assert "fresh-b" not in lab.virsh("list", "--all", "--name")


NETBOOT = """\
<network>
  <name>netboot</name>
  <forward mode='nat'/>
  <bridge name='virbr7' stp='off' delay='0'/>
  <ip address='192.168.123.1' netmask='255.255.255.0'>
    <tftp root='/var/lib/libvirt/tftp'/>
    <dhcp>
      <range start='192.168.123.2' end='192.168.123.254'/>
      <bootp file='boot/grub/i386-pc/core.0'/>
    </dhcp>
  </ip>
</network>
"""


def test_the_network_says_what_boots(lab: Lab, creating: Creating) -> None:
    root, made = lab.folder / "lib" / "tftp", images()
    root.mkdir()
    run("grub-mknetdir", f"--net-directory={root}", "--subdir=boot/grub", "--modules=normal")
    for file, name in ((made.kernel, "vmlinuz"), (made.initramfs, "initramfs")):
        shutil.copyfile(file, root / name)
        (root / name).chmod(0o644)
    menu = f"set timeout=0\nlinux /vmlinuz {WORDS}\ninitrd /initramfs\nboot\n"
    (root / "boot" / "grub" / "grub.cfg").write_text(menu)
    lab.virsh("net-define", "/dev/stdin", text=NETBOOT)
    lab.virsh("net-start", "netboot")
    told = creating(machine(method="network boot", net="netboot", size="1G"))
    assert told.returncode == 0, told
    guests.wait_booted(lab, "fresh")


def container(lab: Lab, tmp_path: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """Run ``virttui create`` for a container called box, without a network."""
    file = tmp_path / "container.toml"
    usual = {
        "name": "box",
        "method": "container",
        "memory": "64M",
        "net": "none",
        "init": "/bin/sh",
    }
    lines = [f"{name} = '{value}'" for name, value in {**usual, **values}.items()]
    file.write_text("\n".join(["[[machine]]", *lines]))
    command = [sys.executable, "-m", "virttui", "create", str(file), "-c", lab.lxc_uri]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def containers(lab: Lab, *options: str) -> list[str]:
    return run("virsh", "-q", "-c", lab.lxc_uri, "list", "--name", *options).split()


def drop_container(lab: Lab) -> None:
    virsh = ("virsh", "-q", "-c", lab.lxc_uri)
    run(*virsh, "destroy", "box")
    run(*virsh, "undefine", "box")


def test_a_container_is_made_of_a_root_folder(lab: Lab, tmp_path: Path) -> None:
    guests.define_container(lab, "model", start=False)
    told = container(lab, tmp_path, root="/var/lib/libvirt/containers/model")
    assert told.returncode == 0, told
    assert "box" in containers(lab)
    drop_container(lab)


def test_a_container_is_made_of_a_tar_file(lab: Lab, tmp_path: Path) -> None:
    guests.define_container(lab, "packed", start=False)
    ball, broken = tmp_path / "root.tar.gz", tmp_path / "broken.tar"
    run("tar", "-czf", str(ball), "-C", str(lab.folder / "lib" / "containers" / "packed"), ".")
    broken.write_bytes(b"no tar file" * 1000)
    here = lab.folder / "lib" / "filesystems" / "box"
    refused = container(lab, tmp_path, tarball=str(broken))
    assert refused.returncode == 1 and "tar failed" in refused.stdout, refused
    assert not here.exists() and "box" not in containers(lab, "--all")
    told = container(lab, tmp_path, tarball=str(ball))
    assert told.returncode == 0, told
    assert "box" in containers(lab) and (here / "bin" / "busybox").exists()
    assert (here / "bin" / "sh").is_symlink()
    drop_container(lab)
    again = container(lab, tmp_path, tarball=str(ball))
    assert again.returncode == 1 and "is there already" in again.stdout, again
    assert (here / "bin" / "busybox").exists(), "what was there before stays"
