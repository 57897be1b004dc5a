"""Displays and video devices as definitions have them."""

from __future__ import annotations

import pytest

from virttui.libvirtxml.guest_access.guest_screen import guest_displays
from virttui.model.domains.guest_screen import Display, GuestDisplays


def domain(devices: str, metadata: str = "") -> str:
    return f"<domain><metadata>{metadata}</metadata><devices>{devices}</devices></domain>"


@pytest.mark.parametrize(
    ("graphics", "display"),
    [
        ("<graphics type='vnc' port='5907'><listen type='address' address='127.0.0.1'/></graphics>",
         Display("vnc", "127.0.0.1", 5907, password=False)),
        ("<graphics type='vnc' port='-1' autoport='yes' passwd='secret' listen='0.0.0.0'/>",
         Display("vnc", "0.0.0.0", password=True)),
        ("<graphics type='spice' port='5900' tlsPort='5901' listen='::1'/>",
         Display("spice", "::1", 5900, 5901, password=False)),
        ("<graphics type='vnc'><listen type='socket' socket='/run/one.sock'/></graphics>",
         Display("vnc", socket="/run/one.sock", password=False)),
        ("<graphics type='egl-headless'/>", Display("egl-headless", password=False)),
    ],
)  # fmt: skip
def test_a_display_is_read(graphics: str, display: Display) -> None:
    assert guest_displays(domain(graphics), secured=True).displays == (display,)


def test_whether_there_is_a_password_is_unknown_where_passwords_are_left_out() -> None:
    found = guest_displays(domain("<graphics type='vnc' passwd=''/>"), secured=False)
    assert found.displays[0].password is None


def test_screens_are_the_heads_of_all_video_devices() -> None:
    video = "<video><model type='qxl' heads='2'/></video><video><model type='virtio'/></video>"
    found = guest_displays(domain(video), secured=True)
    assert (found.video, found.screens) == (("qxl", "virtio"), 3)
    none = guest_displays(domain("<video><model type='none'/></video>"), secured=True)
    assert (none.video, none.screens) == ((), 0)
    assert guest_displays(domain(""), secured=True) == GuestDisplays()


def test_a_windows_is_told_by_what_libosinfo_calls_it() -> None:
    namespace = "xmlns:libosinfo='http://libosinfo.org/xmlns/libvirt/domain/1.0'"
    metadata = (
        f"<libosinfo:libosinfo {namespace}>"
        "<libosinfo:os id='http://microsoft.com/win/2k22'/></libosinfo:libosinfo>"
    )
    keymap = "<graphics type='vnc' keymap='de'/>"
    found = guest_displays(domain(keymap, metadata), secured=True)
    assert found.windows and found.keymap == "de"
    assert not guest_displays(domain(keymap), secured=True).windows
