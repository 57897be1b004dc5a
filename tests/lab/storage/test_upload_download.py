"""The content of volumes, up and down by streams of a real daemon."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fleet_client import RecordingClient, listening
from tests.hypervisor.commands.test_volumes import Shelf
from tests.lab import guests
from tests.lab.daemon import Lab
from virttui.model.commands import Verb
from virttui.model.errors import InvalidInput
from virttui.model.identity import Kind
from virttui.model.tasks import Progress, Task, TaskState

pytestmark = pytest.mark.lab

MIB = 1024**2


def sparse(path: Path, size: int) -> str:
    """Make a file of holes with a little data in it; returns its checksum."""
    with path.open("wb") as file:
        file.truncate(size)
        for place in (0, size // 2, size - 3 * MIB):
            file.seek(place)
            file.write(os.urandom(MIB + 5))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def full(path: Path, size: int) -> None:
    """Make a file without holes, which takes a while to move."""
    with path.open("wb") as file:
        for _ in range(size // (4 * MIB)):
            file.write(b"x" * (4 * MIB))


def progress(client: RecordingClient, task: int) -> Progress:
    """How far a task is, as soon as it tells."""

    def progress_now() -> Progress | None:
        return client.tasks[task].progress if task in client.tasks else None

    found = client.wait(progress_now, what="it tells how far it is")
    assert found is not None
    return found


def checked(client: RecordingClient, task: Task) -> str:
    """The last words of a transfer: its checksum may be told after its end."""
    return client.wait(
        lambda: (words := client.tasks[task.id].words) and "sha256" in words and words,
        what=f"the checksum of {task}",
    )


def test_a_sparse_image_goes_up_and_down(new_lab: Callable[[str], Lab], tmp_path: Path) -> None:
    lab = new_lab("moving")
    image, back = tmp_path / "image", tmp_path / "back"
    checksum = sparse(image, 64 * MIB)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        up = shelf.put(Verb.UPLOAD, "image", file=str(image))
        assert checked(client, up) == f"is in default: {64 * MIB} bytes, sha256 {checksum}", up
        made = guests.pool_folder(lab) / "image"
        assert hashlib.sha256(made.read_bytes()).hexdigest() == checksum
        assert made.stat().st_blocks * 512 < 16 * MIB, "holes are told, not sent"
        down = shelf.put(Verb.DOWNLOAD, "image", file=str(back))
        assert checked(client, down) == f"is in {back}: {64 * MIB} bytes, sha256 {checksum}", down
        assert back.read_bytes() == image.read_bytes()
        assert back.stat().st_blocks * 512 < 16 * MIB
        again = shelf.put(Verb.DOWNLOAD, "image", file=str(back))
        assert isinstance(again.trouble, InvalidInput) and "is there already" in again.words
        assert {one.name for one in tmp_path.iterdir()} == {"back", "image"}

        hollow = tmp_path / "hollow"
        hollow.touch()
        empty = shelf.put(Verb.UPLOAD, "hollow", file=str(hollow))
        assert isinstance(empty.trouble, InvalidInput) and "is empty" in empty.words
        os.truncate(hollow, 4 * MIB)
        assert shelf.put(Verb.UPLOAD, "hollow", file=str(hollow)).state is TaskState.DONE
        assert shelf.volumes()["hollow"].capacity == 4 * MIB
        lost = shelf.put(Verb.UPLOAD, "lost", file=str(tmp_path / "lost"))
        assert isinstance(lost.trouble, InvalidInput) and "No such file" in lost.words


def test_what_is_ended_in_the_middle_leaves_nothing(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("ending")
    image, size = tmp_path / "image", 1536 * MIB
    full(image, size)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        up = shelf.begin(Verb.UPLOAD, "image", file=str(image))
        far = progress(client, up)
        assert far.total == size and far.rate and far.seconds_left
        client.fleet.cancel(up)
        ended = client.done(up)
        assert ended.state is TaskState.CANCELLED, ended
        assert "image" not in shelf.volumes()
        assert not (guests.pool_folder(lab) / "image").exists()

        image.rename(guests.pool_folder(lab) / "there")
        lab.virsh("pool-refresh", "default")
        down = shelf.begin(Verb.DOWNLOAD, "there", file=str(tmp_path / "back"))
        progress(client, down)
        client.fleet.cancel(down)
        assert client.done(down).state is TaskState.CANCELLED
        assert not list(tmp_path.iterdir())


def test_an_upload_is_told_of_or_taken_away_whatever_ends_it(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("breaking")
    image, made = tmp_path / "image", guests.pool_folder(lab) / "image"
    full(image, 1536 * MIB)
    before = digest(image)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        progress(client, shelf.begin(Verb.UPLOAD, "image", file=str(image)))
        assert made.exists()
        assert client.fleet.stop(patience=10.0) == (), "who quits waits for nothing that hangs"
        assert not made.exists(), "and leaves no half of a volume"
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        up = shelf.begin(Verb.UPLOAD, "image", file=str(image))
        progress(client, up)
        lab.kill_daemon()
        ended = client.done(up)
        assert ended.state is TaskState.FAILED
        assert "image in default is not whole" in ended.words
        assert digest(image) == before, "the source is untouched"
        lab.start_daemon()
        client.fleet.refresh()
        client.listed()
        assert (
            client.done(client.do(Verb.REFRESH, "default", Kind.POOL), 60).state is TaskState.DONE
        )
        assert shelf.put(Verb.DELETE, "image").words == "is deleted", "as was advised"


def test_half_a_gigabyte_is_moved_in_bounded_memory(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("bounded")
    image, back = tmp_path / "image", tmp_path / "back"
    with image.open("wb") as file:
        file.truncate(512 * MIB)
        for part in range(0, 512, 64):
            file.seek(part * MIB)
            for _ in range(32):
                file.write(os.urandom(MIB))
    checksum = digest(image)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
        before = most_resident()
        up = shelf.put(Verb.UPLOAD, "image", file=str(image))
        down = shelf.put(Verb.DOWNLOAD, "image", file=str(back))
        assert checked(client, up).endswith(checksum) and checked(client, down).endswith(checksum)
        assert most_resident() - before < 100
        assert digest(back) == checksum


def test_a_source_that_changes_meanwhile_has_no_checksum(
    new_lab: Callable[[str], Lab], tmp_path: Path
) -> None:
    lab = new_lab("changing")
    image = tmp_path / "image"
    full(image, 512 * MIB)
    with listening(lab.uri) as client:
        shelf = Shelf(client, "default")
        up = shelf.begin(Verb.UPLOAD, "image", file=str(image))
        progress(client, up)
        with image.open("r+b") as file:
            file.write(b"changed")
        done = client.done(up, 60)
        assert done.words == f"is in default: {512 * MIB} bytes"
        # What is moved after it is checked after it: the one before would have been told by then.
        small = tmp_path / "small"
        full(small, 64 * MIB)
        checked(client, shelf.put(Verb.UPLOAD, "small", file=str(small)))
        assert "sha256" not in client.tasks[up].words


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def most_resident() -> int:
    """The most memory this process had (MiB)."""
    told = Path("/proc/self/status").read_text()
    return int(told.partition("VmHWM:")[2].split()[0]) // 1024
