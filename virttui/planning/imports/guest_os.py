"""Operating systems of appliances: other tools' names for them, and osinfo's ids."""

from __future__ import annotations

import re

_KNOWN: tuple[tuple[str, str], ...] = (
    (r"windows2019srvnext|windows2022", "win2k22"),
    (r"windows2019", "win2k19"),
    (r"windows9(server|srv)|windows2016", "win2k16"),
    (r"windows8(server|srv)|windows2012r2", "win2k12r2"),
    (r"windows2012", "win2k12"),
    (r"windows7(server|srv)|windows2008r2", "win2k8r2"),
    (r"windows11|windows12", "win11"),
    (r"windows9|windows10", "win10"),
    (r"windows8_?1|windows81", "win8.1"),
    (r"windows8", "win8"),
    (r"windows7", "win7"),
    (r"winvista|windowsvista", "winvista"),
    (r"winlonghorn", "win2k8"),
    (r"winxp|windowsxp", "winxp"),
    (r"winnet|windows2003", "win2k3"),
    (r"debian(\d+)", "debian{}"),
    (r"rhel(\d+)|redhat(\d+)", "rhel{}-unknown"),
    (r"centos([89])", "centos-stream{}"),
    (r"centos(\d+)", "centos{}.0"),
    (r"almalinux", "almalinux9"),
    (r"rockylinux|rocky", "rocky9"),
    (r"oraclelinux(\d+)", "ol{}.0"),
    (r"sles(\d+)", "sles{}"),
    (r"opensuse", "opensuse-unknown"),
    (r"fedora", "fedora-unknown"),
    (r"freebsd(\d+)", "freebsd{}.0"),
    (r"ubuntu", "ubuntu-unknown"),
    (r"other(5|6)xlinux", "linux2020"),
    (r"other4xlinux", "linux2018"),
    (r"other3xlinux", "linux2016"),
)
"""Names that VMware, VirtualBox and libvirt use, without blanks and signs -> osinfo's id."""
_CIM = {
    "67": "winxp", "69": "win2k3", "70": "win2k3", "73": "winvista", "76": "win2k8",
    "77": "win2k8", "79": "rhel-unknown", "80": "rhel-unknown", "93": "ubuntu-unknown",
    "94": "ubuntu-unknown", "95": "debian-unknown", "96": "debian-unknown", "103": "win2k8r2",
    "105": "win7", "106": "centos-unknown", "107": "centos-unknown", "113": "win2k12",
    "114": "win8", "115": "win8.1", "116": "win2k12r2", "117": "win2k16",
}  # fmt: skip
"""Numbers of CIM's OsType, which OVF uses, that stand for one system."""


def osinfo_id(*words: str, cim: str = "") -> str:
    """Return osinfo's id, "" where it is ambiguous. The first text that has one counts."""
    for text in words:
        plain = re.sub(r"[^a-z0-9_]", "", text.lower().replace("microsoft", ""))
        plain = plain.replace("server", "srv") if "srv" not in plain else plain
        plain = re.sub(r"_?(64)?_?(guest)?$", "", plain)
        plain = re.sub(r"^windowssrv(20\d\d)", r"windows\1", plain)
        for pattern, id in _KNOWN:
            match = re.match(pattern, plain)
            if match is not None:
                number = next((one for one in match.groups() if one), "")
                return id.format(number)
    return _CIM.get(cim, "")


def is_windows(*words: str) -> bool:
    """True if it is any Windows."""
    return any("win" in re.split(r"[^a-z]", word.lower())[0] for word in words if word)
