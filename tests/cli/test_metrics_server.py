"""The server of scrapes: many at once, slow ones, and what is no request."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.patience import PATIENCE
from virttui.cli import metrics_server
from virttui.cli.metrics_server import MetricsServer

BODY = b"a 1\n" * 20_000


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    made = MetricsServer(("127.0.0.1", 0), "/metrics", lambda: ("text/x", BODY))
    made.start()
    yield made
    made.stop()


def asked(
    server: MetricsServer, target: str = "/metrics", method: str = "GET"
) -> tuple[int, bytes, str]:
    connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE)
    try:
        connection.request(method, target)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Length"]
    finally:
        connection.close()


def connected(server: MetricsServer, *sent: bytes) -> socket.socket:
    made = socket.create_connection(server.address, timeout=PATIENCE)
    for data in sent:
        made.sendall(data)
    return made


def test_a_page_is_served_on_its_path(server: MetricsServer) -> None:
    assert asked(server) == (200, BODY, str(len(BODY)))
    assert asked(server, "/metrics?a=b")[0] == 200
    assert asked(server, method="HEAD") == (200, b"", str(len(BODY)))
    assert asked(server, "/other")[:2] == (404, b"the metrics are on /metrics\n")
    assert asked(server, method="POST")[0] == 501


@pytest.mark.parametrize("sent", [b"\r\n\r\n", b"nonsense\r\n\r\n", b"\xff \x00 x\r\n\r\n"])
def test_what_is_no_request_is_refused(server: MetricsServer, sent: bytes) -> None:
    with connected(server, sent) as one:
        assert one.recv(1000).startswith(b"HTTP/1.0 400 ")


def test_a_request_without_an_end_is_refused(server: MetricsServer) -> None:
    with connected(server, b"GET /metrics HTTP/1.1\r\nx: " + b"y" * 100_000) as one:
        assert one.recv(1000).startswith(b"HTTP/1.0 431 ")


def test_many_scrapes_at_once_are_all_answered_by_one_thread(server: MetricsServer) -> None:
    before = threading.active_count()
    most = [0]

    def one(_: int) -> int:
        most[0] = max(most[0], threading.active_count())
        return asked(server)[0]

    with ThreadPoolExecutor(40) as threads:
        found = list(threads.map(one, range(400)))
    assert found == [200] * 400
    assert most[0] <= before + 40, "none of them is the server's"


def test_slow_clients_keep_no_scrape_waiting(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_server, "MOST", 20)
    with ExitStack() as all_of_them:
        for _ in range(60):
            all_of_them.enter_context(connected(server, b"GET /metr"))
        assert asked(server)[0] == 200
        for _ in range(60):
            all_of_them.enter_context(connected(server, b"GET /metrics HTTP/1.1\r\n\r\n"))
        assert asked(server)[0] == 200, "nor do those that never hang up"


def test_a_client_that_drips_is_cut(server: MetricsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_server, "SECONDS", 0.5)
    begun = time.monotonic()
    with connected(server, b"GET ") as one, pytest.raises(OSError):
        one.settimeout(0.05)
        while time.monotonic() - begun < PATIENCE:
            one.sendall(b"x")
            try:
                if one.recv(1) == b"":
                    raise ConnectionError
            except TimeoutError:
                continue


def test_who_does_not_read_is_cut(server: MetricsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_server, "SECONDS", 0.5)
    with connected(server, b"GET /metrics HTTP/1.1\r\n\r\n") as one:
        until = time.monotonic() + PATIENCE
        for wanted in (True, False):  # it is heard, then cut
            while bool(server._writing or server._reading) is not wanted:
                assert time.monotonic() < until
                time.sleep(0.01)
        assert one.fileno() >= 0


def test_an_address_that_is_taken_is_an_error(server: MetricsServer) -> None:
    with pytest.raises(OSError, match="in use"):
        MetricsServer(server.address, "/", lambda: ("", b""))


def test_it_ends_and_leaves_no_connection(server: MetricsServer) -> None:
    with connected(server, b"GET ") as one:
        assert asked(server)[0] == 200
        server.stop()
        with pytest.raises(OSError):
            if one.recv(1) == b"":
                raise ConnectionError
