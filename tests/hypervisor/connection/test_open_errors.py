"""Why a host cannot be opened, by its transport; and a URI goes to libvirt as it was written."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import libvirt
import pytest

from tests.fleet_client import RecordingClient, listening
from tests.hypervisor.connection.test_error_causes import error
from virttui.hypervisor.connection import uris
from virttui.hypervisor.connection.open_errors import start_here
from virttui.hypervisor.connection.translate import opening
from virttui.hypervisor.connection.uris import hint, host_of, parameter, quiet_uri
from virttui.hypervisor.doctor import examine
from virttui.model.backend import HostSpec
from virttui.model.errors import BadUri, HostDenied, HostLost, OperationError
from virttui.model.inventory import ConnectionState

NOWHERE = "qemu+unix:///system?socket=/nonexistent/virttui-sock"

SSH = "qemu+ssh://lee@kvm01/system"
RECV = "Cannot recv data: "
RESET = ": Connection reset by peer"
SOCKET = "/var/run/libvirt/libvirt-sock"


@pytest.mark.parametrize(
    ("uri", "said", "kind", "sentence", "advice"),
    [
        (SSH, f"{RECV}lee@kvm01: Permission denied (publickey,password).{RESET}", HostDenied,
         "ssh does not let lee in", "ssh-copy-id lee@kvm01"),
        (SSH, f"{RECV}Host key verification failed.{RESET}", HostDenied,
         "ssh does not know the host key of kvm01", "run ssh kvm01 once"),
        (SSH, f"{RECV}@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key "
         f"verification failed.{RESET}", HostDenied,
         "the host key of kvm01 is not the one that ssh knows", "ssh-keygen -R kvm01"),
        (SSH, f"{RECV}Warning: Identity file /home/lee/My Keys/id not accessible: No such file or "
         f"directory.\nlee@kvm01: Permission denied (publickey).{RESET}", HostDenied,
         "the key /home/lee/My Keys/id cannot be read", "%20"),
        (SSH, f"{RECV}Received disconnect: Too many authentication failures{RESET}", HostDenied,
         "ssh offers more keys than kvm01 looks at", "IdentitiesOnly"),
        (SSH, f"{RECV}nc: unix connect failed: Permission denied\nnc: {SOCKET}: Permission denied"
         f"{RESET}", HostDenied, "ssh lets lee in there, and libvirt's socket does not",
         "usermod -aG libvirt lee"),
        (SSH, f"{RECV}virt-ssh-helper: error: Failed to connect socket to '{SOCKET}': Permission "
         f"denied{RESET}", HostDenied, "ssh lets lee in there, and libvirt's socket does not",
         "usermod -aG libvirt lee"),
        (SSH, f"End of file while reading data: virt-ssh-helper: cannot connect to '{SOCKET}': "
         "Failed to connect socket to 'x-sock': Permission denied: Input/output error", HostDenied,
         "ssh lets lee in there, and libvirt's socket does not", "usermod -aG libvirt lee"),
        (SSH, "authentication unavailable: no polkit agent available to authenticate action "
         "'org.libvirt.unix.manage'", HostDenied,
         "that host lets lee in, and its libvirt asks for a right that lee has not",
         "usermod -aG libvirt lee"),
        (SSH, f"{RECV}virt-ssh-helper: error: Failed to connect socket to '{SOCKET}': No such file "
         f"or directory{RESET}", HostLost, "ssh lets in, and no libvirt daemon answers on kvm01",
         "enable --now libvirtd"),
        (SSH, f"{RECV}sh: 1: nc: not found{RESET}", HostLost,
         "ssh lets in, and kvm01 has no program that reaches libvirt's socket", "install"),
        (SSH, f"{RECV}ssh: connect to host kvm01 port 22: Connection refused{RESET}", HostLost,
         "nothing listens there: kvm01 refuses the connection", "ssh"),
        (SSH, f"{RECV}ssh: Could not resolve hostname kvm01: Name or service not known{RESET}",
         HostLost, "no address is known for kvm01", "address"),
        (SSH, f"{RECV}ssh: connect to host kvm01 port 22: No route to host{RESET}", HostLost,
         "there is no way to kvm01 from here", "VPN"),
        (SSH, f"{RECV}ssh: connect to host kvm01 port 22: Connection timed out{RESET}", HostLost,
         "kvm01 does not answer", "firewall"),
        (SSH, f"{RECV}Bad port '99999'{RESET}", HostLost, "the port in the URI is none", "65535"),
        (SSH, "Cannot find 'ssh' in path: No such file or directory", HostLost,
         "there is no ssh on this machine", "openssh-client"),
        ("qemu+libssh2://lee@kvm01/system", "authentication failed: no suitable method to retrieve "
         "authentication credentials", HostDenied, "ssh does not let lee in", "ssh-copy-id"),
        ("qemu://kvm01/system", "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file "
         "or directory", HostLost,
         "without +ssh it goes by TLS, for which /etc/pki/CA/cacert.pem is not there",
         "qemu+ssh://root@kvm01/system"),
        ("qemu+tls://kvm01/system", "The certificate hasn't got a known issuer", HostLost,
         "the certificate of kvm01 is not trusted here", "qemu+ssh://root@kvm01/system"),
        ("qemu+tls://kvm01/system", "The client certificate has expired", HostLost,
         "a certificate of the TLS connection has expired", "renew"),
        ("qemu+tcp://kvm01/system", "unable to connect to server at 'kvm01:16509': Connection "
         "refused", HostLost, "nothing listens there: kvm01 refuses the connection", "daemon"),
        ("qemu:///system", f"Failed to connect socket to '{SOCKET}': Permission denied", HostDenied,
         "the daemon refuses this user", "usermod -aG libvirt"),
        ("qemu:///system", f"Failed to connect socket to '{SOCKET}': No such file or directory",
         HostLost, "no daemon: its socket is not there", start_here("qemu:///system")),
        ("qemu:///system", f"Failed to connect socket to '{SOCKET}': Connection refused",
         HostLost, "no daemon: nothing listens on its socket", start_here("qemu:///system")),
        ("qemu+ssh://2001:db8::1/system",
         "internal error: Unable to parse URI qemu+ssh://2001:db8::1/system", BadUri,
         "no libvirt driver takes this URI", "in brackets: qemu+ssh://[2001:db8::1]/system"),
        ("qemu+ssh://root@fe80::1%eth0/system", "internal error: Unable to parse URI x", BadUri,
         "no libvirt driver takes this URI", "in brackets: qemu+ssh://root@[fe80::1%eth0]/system"),
        ("qemu:///systm", f"Failed to connect socket to '{SOCKET}': No such file or directory",
         BadUri, "qemu has no /systm", "qemu:///system"),
        ("qemu:///systm", "internal error: unexpected QEMU URI path '/systm', try qemu:///system",
         BadUri, "no libvirt driver takes this URI", "qemu:///system"),
        ("qemu+ssh:///system", f"{RECV}ssh: connect to host localhost port 22: Connection refused"
         f"{RESET}", HostLost, "nothing listens there: localhost refuses the connection",
         "it names no host: qemu+ssh://HOST/system"),
        ("qemu://", f"Failed to connect socket to '{SOCKET}': No such file or directory", HostLost,
         "no daemon: its socket is not there", "another one is qemu+ssh://HOST/system"),
        ("kvm01", "no connection driver available for URI 'kvm01' does not include a driver name",
         BadUri, "no libvirt driver takes this URI", "qemu+ssh://kvm01/system"),
        ("qemu+foo:///system", "invalid argument: remote_open: transport in URL not recognised "
         "(should be tls|unix|ssh|ext|tcp|libssh2|libssh)", BadUri,
         "no libvirt driver takes this URI", "qemu"),
        (SSH, f"{RECV}kex_exchange_identification: odd\nwords{RESET}", HostLost,
         f"kex_exchange_identification: odd words{RESET}", ""),
    ],
)  # fmt: skip
def test_why_a_host_cannot_be_opened(
    uri: str, said: str, kind: type[OperationError], sentence: str, advice: str
) -> None:
    why = opening(error(said, libvirt.VIR_ERR_SYSTEM_ERROR), uri)
    assert type(why) is kind and why.message == sentence
    assert advice in why.advice and why.libvirt_message == said
    if not advice:
        assert why.advice == ""


@pytest.mark.parametrize(
    ("uri", "goes"),
    [
        ("qemu+ssh://kvm01/system", "qemu+ssh://kvm01/system?no_tty=1"),
        ("qemu+ssh://h/system?keyfile=/home/lee/My%20Keys/id",
         "qemu+ssh://h/system?keyfile=/home/lee/My%20Keys/id&no_tty=1"),
        ("qemu+ssh://h/system?command=/a+b;c=%2F", "qemu+ssh://h/system?command=/a+b;c=%2F&no_tty=1"),
        ("qemu+ssh://h/system?x=&x=2&y", "qemu+ssh://h/system?x=&x=2&y&no_tty=1"),
        ("qemu+ssh://h/system?", "qemu+ssh://h/system?no_tty=1"),
        ("qemu+ssh://h/system?a=1&", "qemu+ssh://h/system?a=1&no_tty=1"),
        ("qemu+ssh://h/system#part", "qemu+ssh://h/system?no_tty=1#part"),
        ("qemu+ssh://h/system?no_tty=0", "qemu+ssh://h/system?no_tty=0"),
        ("QEMU+SSH://H%65/system", "QEMU+SSH://H%65/system?no_tty=1"),
        ("qemu+ssh://[fe80::1%25eth0]/system", "qemu+ssh://[fe80::1%25eth0]/system?no_tty=1"),
        ("qemu+libssh2://h/system?a=b c", "qemu+libssh2://h/system?a=b c"),
        ("qemu:///system", "qemu:///system"),
        ("kvm01", "kvm01"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_uri_goes_to_libvirt_as_it_was_written(uri: str, goes: str) -> None:
    assert quiet_uri(uri) == goes


def test_a_parameter_is_read_as_libvirt_reads_it() -> None:
    uri = "qemu+unix:///system?a=1;socket=/run/my+own%20sock&socket=/other"
    assert parameter(uri, "socket") == "/run/my+own sock" and parameter(uri, "none") == ""


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        (SSH, "kvm01"), ("qemu+ssh://root@kvm01:2222/system", "kvm01"),
        ("qemu+ssh://[2001:db8::1]:22/system", "2001:db8::1"),
        ("qemu+ssh://2001:db8::1/system", "2001:db8::1"), ("qemu:///system", ""), ("kvm01", ""),
        ("test:///default", ""), ("", ""),
    ],
)  # fmt: skip
def test_the_host_of_a_uri(uri: str, host: str) -> None:
    assert host_of(uri) == host


@pytest.mark.parametrize(
    "uri",
    [SSH, "qemu:///system", "qemu:///session", "test:///default", "test:///x.xml", "lxc:///",
     "xen:///", "esx://h/", "vbox:///session", "qemu+ssh://[::1]/system", "qemu+unix:///system?socket=/x",
     "vpx://h/dc/cluster/esx", "qemu:///embed?root=/x", ""],
)  # fmt: skip
def test_nothing_is_odd_about_a_usual_uri(uri: str) -> None:
    assert hint(uri) == "" and uris.unknown_path(uri) == ""


def test_the_fix_for_a_missing_daemon_is_a_command() -> None:
    assert re.match(r"(sudo )?(systemctl enable --now|apt-get install|dnf install) \S+$",
                    start_here("qemu:///system"))  # fmt: skip


@pytest.mark.parametrize(
    ("entered", "names"),
    [
        (["qemu+ssh://root@kvm01/system", "qemu+ssh://root@kvm02/system"], ["kvm01", "kvm02"]),
        (["qemu+ssh://a@kvm01/system", "qemu+ssh://b@kvm01/system"], ["a@kvm01", "b@kvm01"]),
        (["qemu+ssh://kvm01:22/system", "qemu+ssh://kvm01:23/system", "qemu:///system"],
         ["kvm01:22", "kvm01:23", "qemu:///system"]),
        (["qemu+ssh://[2001:db8::1]/system", "qemu+ssh://[2001:db8::2]/system"],
         ["2001:db8::1", "2001:db8::2"]),
        (["qemu+unix:///system?socket=/run/a/libvirt-sock",
          "qemu+unix:///system?socket=/run/b/libvirt-sock", "qemu:///system"],
         ["a", "b", "qemu:///system"]),
        (["qemu+unix:///system?socket=/nonexistent/sock"],
         ["qemu+unix:///system?socket=/nonexistent/sock"]),
        (["qemu://kvm01/system", "qemu+ssh://kvm01/system"],
         ["qemu://kvm01/system", "qemu+ssh://kvm01/system"]),
        (["nonsense://[", "", "kvm01"], ["[", "", "kvm01"]),
    ],
)  # fmt: skip
def test_lost_hosts_are_told_apart(entered: list[str], names: list[str]) -> None:
    assert [uris.labels(entered)[uri] for uri in entered] == names


def _is_lost(client: RecordingClient, host: str) -> bool:
    return client.phase(host) is ConnectionState.LOST


def test_a_uri_that_libvirt_does_not_take_is_not_tried_again_by_itself() -> None:
    with listening("qemu:///systm", NOWHERE) as client:
        for host in client.hosts:
            client.wait(partial(_is_lost, client, host), what="it failed")
        error, gone = (client.inventory(host).host for host in client.hosts)
        assert isinstance(error.trouble, BadUri) and error.next_try_at is None
        assert error.name == "qemu:///systm"
        assert not isinstance(gone.trouble, BadUri) and gone.next_try_at is not None


def test_the_doctor_tells_what_libvirt_says_once(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    assert examine([HostSpec(NOWHERE, NOWHERE)], said.append) == 1
    assert examine([HostSpec("kvm01", "kvm01")], said.append) == 1
    told = "\n".join(said)
    assert "do you mean qemu+ssh://kvm01/system?" in told
    assert told.count("does not include a driver name") == 1
    for line in said:
        assert line.count("Failed to connect socket") <= 1


def test_the_doctor_s_fix_goes_to_the_host_that_was_looked_at(tmp_path: Path) -> None:
    (tmp_path / "node.xml").write_text("<node/>")
    uri = f"test://{tmp_path}/node.xml"
    said: list[str] = []
    examine([HostSpec(uri, uri)], said.append)
    fixes = [line for line in said if " virsh " in line]
    assert len(fixes) == 2 and all(f"virsh -c {uri} " in line for line in fixes)
