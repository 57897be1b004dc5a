"""Lines that show a display elsewhere."""

from __future__ import annotations

import pytest

from virttui.model.domains.guest_screen import Display
from virttui.panes.guest_screen.viewers import viewer_lines

VNC = Display("vnc", "127.0.0.1", 5907)


@pytest.mark.parametrize(
    ("uri", "viewer", "tunnel"),
    [
        ("qemu:///system", "qemu+ssh://kvm01/system", "kvm01"),
        ("qemu+ssh://root@kvm01.lan/system", "qemu+ssh://root@kvm01.lan/system", "root@kvm01.lan"),
        ("qemu+ssh://ops@kvm01:2222/system", "qemu+ssh://ops@kvm01:2222/system",
         "-p 2222 ops@kvm01"),
        ("qemu+tls://kvm01/system", "qemu+tls://kvm01/system", "kvm01"),
        ("qemu+unix:///system?socket=/run/sock", "'qemu+ssh://kvm01/system?socket=/run/sock'",
         "kvm01"),
    ],
)  # fmt: skip
def test_lines_go_to_the_host_by_ssh(uri: str, viewer: str, tunnel: str) -> None:
    found = viewer_lines(uri, "kvm01", "mail-01", VNC)
    assert found.viewer == f"virt-viewer -c {viewer} -- mail-01"
    assert found.tunnel == f"ssh -NL 5907:127.0.0.1:5907 {tunnel}"
    assert found.remote == "vnc://127.0.0.1:5907"
    assert found.here == ("virt-viewer", "-c", uri, "--", "mail-01")


def test_names_are_quoted_and_never_options() -> None:
    found = viewer_lines("qemu:///system", "kvm01", "-x; rm -rf /", VNC)
    assert found.viewer.endswith(" -- '-x; rm -rf /'")
    assert "title=-x; rm -rf /\n" in found.file
    assert "\n[" not in viewer_lines("qemu:///system", "h", "a\n[b]", VNC).file


def test_an_address_for_all_is_reached_as_the_hosts_own() -> None:
    everywhere = Display("spice", "0.0.0.0", None, 5901)
    found = viewer_lines("qemu:///system", "kvm01", "win", everywhere)
    assert found.tunnel == "ssh -NL 5901:127.0.0.1:5901 kvm01"
    assert "type=spice" in found.file and "tls-port=5901" in found.file
    six = viewer_lines("qemu:///system", "kvm01", "win", Display("vnc", "::1", 5900))
    assert six.tunnel == "ssh -NL '5900:[::1]:5900' kvm01" and six.address == "vnc://[::1]:5900"


def test_without_a_port_only_virt_viewer_is_left() -> None:
    for display in (None, Display("vnc"), Display("egl-headless"), Display("vnc", socket="/s")):
        found = viewer_lines("qemu:///system", "kvm01", "web", display)
        assert found.viewer and not found.tunnel and not found.file
