"""One writes at a time, whoever of this user it is."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from virttui.model.errors import Busy, Refused
from virttui.model.identity import ObjectId
from virttui.persistence import write_locks
from virttui.persistence.write_locks import exclusive_write
from virttui.settings import state_folder

KEY = ObjectId("kvm01", "9b199ddd-7158-582f-afa1-36269d4fd12c")


def test_the_next_waits_until_the_one_before_is_done() -> None:
    held, order = threading.Event(), []

    def second() -> None:
        held.wait()
        with exclusive_write(ObjectId("the same host by another name", KEY.uuid)):
            order.append("second")

    waiting = threading.Thread(target=second)
    waiting.start()
    with exclusive_write(KEY):
        held.set()
        waiting.join(0.1)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    with exclusive_write(KEY), exclusive_write(ObjectId("kvm01", "another")):
        pass  # others are not in the way


def test_another_process_is_waited_for_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_locks, "PATIENCE", 0.05)
    code = f"""
from virttui.persistence.write_locks import exclusive_write
from virttui.model.identity import ObjectId
with exclusive_write(ObjectId("kvm01", {KEY.uuid!r})):
    print("held", flush=True)
    input()"""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        with pytest.raises(Busy, match="another virttui of yours"), exclusive_write(KEY):
            pass
        other.kill()
    with exclusive_write(KEY):
        pass  # a lock ends with its process


def test_a_lock_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with exclusive_write(ObjectId("..", "..")):
        (path,) = (state_folder() / "turns").iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "full").write_text("a file where a folder is wanted")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "full"))
    with pytest.raises(Refused, match="nothing was changed"), exclusive_write(KEY):
        pass
