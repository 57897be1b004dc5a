"""What is found at files of this machine and at places of the web, right and wrong."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.web_server import serving
from virttui.model.errors import InvalidInput
from virttui.model.provision.lookups import Lookup, LookupKind, LookupResult
from virttui.planning.osinfo.install_trees import from_treeinfo, tree_url
from virttui.source_lookup import look_up

KERNEL, INITRD = b"kernel" * 100, b"initrd" * 1000
SUM = sha256(KERNEL).hexdigest()
TREEINFO = f"""\
[general]
name = Fedora 37
arch = x86_64

[images-x86_64]
kernel = images/pxeboot/vmlinuz
initrd = images/pxeboot/initrd.img

[checksums]
images/pxeboot/vmlinuz = sha256:{SUM}
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    with serving(tmp_path) as url:
        yield tmp_path, url


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def tree(url: str) -> LookupResult:
    return look_up(Lookup(LookupKind.TREE, url))


def test_a_tree_after_red_hat_tells_its_kernel_and_sums(site: tuple[Path, str]) -> None:
    root, url = site
    put(root / "os/.treeinfo", TREEINFO.encode())
    put(root / "os/images/pxeboot/vmlinuz", KERNEL)
    put(root / "os/images/pxeboot/initrd.img", INITRD)
    found = tree(f"{url}os").tree
    assert found is not None
    assert (found.label, found.cmdline) == ("Fedora 37", f"inst.repo={url}os")
    assert (found.kernel.size, found.kernel.sha256) == (len(KERNEL), SUM)
    assert (found.initrd.size, found.initrd.sha256) == (len(INITRD), "")
    (root / "os/images/pxeboot/initrd.img").unlink()
    assert "is not there, though" in tree(f"{url}os").error


def test_a_debian_installer_is_found_below_its_suite(site: tuple[Path, str]) -> None:
    root, url = site
    images = root / "debian/dists/bookworm/main/installer-amd64/current/images"
    place = images / "netboot/debian-installer/amd64"
    put(place / "linux", KERNEL)
    put(place / "initrd.gz", INITRD)
    put(images / "SHA256SUMS", f"{SUM}  ./netboot/debian-installer/amd64/linux\n".encode())
    for typed in ("debian/dists/bookworm", "debian/dists/bookworm/main/installer-amd64/"):
        found = tree(url + typed).tree
        assert found is not None and found.label == "Debian bookworm"
        assert (found.kernel.size, found.kernel.sha256) == (len(KERNEL), SUM)
        assert found.initrd.url.endswith("amd64/initrd.gz")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("no ini", "makes no sense"),
        ("[general]\narch=x86_64\n", "names no images"),
        ("[general]\narch=x86_64\n[images-x86_64]\nkernel=a\n", "no initrd"),
        (TREEINFO.replace("images/pxeboot/vmlinuz\n", "https://evil.example/x\n"), "elsewhere"),
        (TREEINFO.replace("images/pxeboot/vmlinuz\n", "file:///etc/shadow\n"), "elsewhere"),
    ],
)
def test_a_treeinfo_that_makes_no_sense_or_leads_elsewhere_is_refused(
    text: str, wrong: str
) -> None:
    with pytest.raises(InvalidInput, match=wrong):
        from_treeinfo("https://example.org/os/", text)


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("ftp://example.org/os", "not a URL"),
        ("file:///etc", "not a URL"),
        ("https://me:secret@example.org/", "leave them out"),
        ("https://example.org/a b", "no blanks"),
    ],
)
def test_what_is_no_url_of_a_tree_is_refused(url: str, wrong: str) -> None:
    with pytest.raises(InvalidInput, match=wrong) as error:
        tree_url(url)
    assert "secret" not in error.value.message


def test_servers_that_have_nothing_or_are_gone_are_told(site: tuple[Path, str]) -> None:
    root, url = site
    assert "is not an install tree" in tree(url).error
    assert "404" in look_up(Lookup(LookupKind.IMAGE, f"{url}x.qcow2")).error
    assert "refused" in tree("http://127.0.0.1:9/").error
    put(root / "empty.iso", b"")
    assert look_up(Lookup(LookupKind.IMAGE, f"{url}empty.iso")).error


def qcow2(capacity: int, backing: int = 0) -> bytes:
    head = b"QFI\xfb" + (3).to_bytes(4, "big") + backing.to_bytes(8, "big") + bytes(8)
    return head + capacity.to_bytes(8, "big") + bytes(1000)


def test_an_image_tells_its_size_and_the_disk_in_it(site: tuple[Path, str]) -> None:
    root, url = site
    put(root / "a.qcow2", qcow2(5 * 1024**3))
    put(root / "b.qcow2", qcow2(5, backing=104))
    for place in (str(root / "a.qcow2"), f"{url}a.qcow2"):
        found = look_up(Lookup(LookupKind.IMAGE, place))
        assert (found.size, found.capacity, found.format) == (1032, 5 * 1024**3, "qcow2")
    assert (
        "overlay of another file" in look_up(Lookup(LookupKind.IMAGE, str(root / "b.qcow2"))).error
    )
    assert "No such file" in look_up(Lookup(LookupKind.IMAGE, str(root / "c.qcow2"))).error


def test_texts_are_read_and_what_is_none_is_told(tmp_path: Path) -> None:
    put(tmp_path / "keys", b"ssh-ed25519 AAAA\n")
    put(tmp_path / "binary", b"\xff\xfe\x00")
    put(tmp_path / "long", b"x" * (600 * 1024))
    assert look_up(Lookup(LookupKind.TEXT, str(tmp_path / "keys"))).text == "ssh-ed25519 AAAA\n"
    assert "is not text" in look_up(Lookup(LookupKind.TEXT, str(tmp_path / "binary"))).error
    assert "longer than" in look_up(Lookup(LookupKind.TEXT, str(tmp_path / "long"))).error
    assert look_up(Lookup(LookupKind.TEXT, str(tmp_path))).error
