"""A log of a host that is reached by ssh, over a real login: its end, then on and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import skip_without_root
from tests.lab.ssh_server import SshServer, ssh_server
from tests.patience import PATIENCE
from virttui.hypervisor.logs.ssh_commands import BLOCK, FIRST
from virttui.hypervisor.logs.ssh_tail import SshTail
from virttui.model.domains.logs import LogKind, LogLine, LogSource, LogState

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    skip_without_root()
    with ssh_server(tmp_path_factory.mktemp("ssh")) as server:
        yield server


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / 'it\'s a "log" of $HOME'


class Following:
    """A tail over a login, and all that it gave."""

    def __init__(self, server: SshServer, path: Path) -> None:
        uri = f"qemu+ssh://root@127.0.0.1:{server.port}/system?command={server.client}"
        source = LogSource("qemu", LogKind.QEMU, LogState.ASKED, str(path))
        self.tail = SshTail(source, uri, time.time)
        self.lines: list[LogLine] = []

    def wait(self, holds: Callable[[], object]) -> None:
        until = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < until, (self.tail.source(), self.texts[-3:])
            self.lines += self.tail.look()
            time.sleep(0.02)

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


@pytest.fixture
def following(server: SshServer, log: Path) -> Iterator[Following]:
    made = Following(server, log)
    yield made
    made.tail.close()


def test_it_is_followed_over_a_renaming_and_read_back_through_it(
    following: Following, log: Path
) -> None:
    lines = [f"line {number:06}" for number in range((FIRST + BLOCK) // 12)]
    log.with_name(f"{log.name}.0").write_text("before them all\n")
    log.write_text("".join(f"{line}\n" for line in lines))
    following.wait(lambda: following.texts and following.texts[-1] == lines[-1])
    log.with_name(f"{log.name}.0").rename(log.with_name(f"{log.name}.1"))
    log.rename(log.with_name(f"{log.name}.0"))
    log.write_text("in the new file\n")
    following.wait(lambda: following.texts[-1] == "in the new file")
    older: list[str] = []
    while following.tail.source().older:
        block = following.tail.older()
        assert block, following.tail.source()
        older[:0] = [line.text for line in block]
    assert older + following.texts == ["before them all", *lines, "in the new file"]


def test_a_login_that_is_refused_is_told_in_sshs_words(server: SshServer, log: Path) -> None:
    nobody = Following(server, log)
    nobody.tail = SshTail(
        nobody.tail.source(),
        f"qemu+ssh://nobody@127.0.0.1:{server.port}/system?command={server.client}",
        time.time,
    )
    nobody.wait(lambda: nobody.tail.source().state is LogState.UNREADABLE)
    assert "Permission denied" in nobody.tail.source().reason
    nobody.tail.close()


def test_the_programs_there_end_with_the_page(
    following: Following, server: SshServer, log: Path
) -> None:
    log.write_text("one\n")
    following.wait(lambda: following.lines)
    ended = server.log.count("Exit (root)")
    following.tail.close()
    until = time.monotonic() + PATIENCE
    while server.log.count("Exit (root)") == ended:
        assert time.monotonic() < until, server.log
        time.sleep(0.02)
