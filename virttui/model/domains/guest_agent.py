"""A guest's agent: what it tells, what it can be asked to do, and the arguments of that."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.domains.details import GuestAgentInfo
from virttui.model.secret_value import SecretBytes

FREEZE_SECONDS = 60.0
"""Held writes are let go after so long, whether or not this program still runs."""


class GuestClock(Struct, frozen=True):
    """A guest's clock against that of this computer.

    ``ahead`` is in seconds, less than 0 where the guest is behind; ``error`` is half the time that
    the question took, within which ``ahead`` is not known.
    """

    ahead: float
    error: float


class TrimEstimate(Struct, frozen=True):
    """What trimming can give back, in bytes.

    ``disks`` are those of the running definition that pass a discard on to their storage. Of them
    ``allocated`` is what they take there; ``used`` is what the guest's file systems on them hold.
    Both are None where that is not told.
    """

    disks: tuple[str, ...] = ()
    allocated: int | None = None
    used: int | None = None

    @property
    def most(self) -> int | None:
        """The bytes that may come back at most."""
        if self.allocated is None or self.used is None:
            return None
        return max(0, self.allocated - self.used)


class GuestAgentReport(Struct, frozen=True):
    """What an agent told when it was asked.

    ``why_not`` says why it told nothing, "" where it answers. ``is_silent``: its channel is
    connected and it does not answer. ``took`` is how long its first answer took, in seconds.
    ``is_frozen``: the guest's file systems are held, and it answers nothing else until they are
    let go. ``is_windows``: it takes no hashed password. ``keys`` counts the ssh keys of root, None
    where it does not tell, and ``keys_why`` says why. ``load`` of ``info`` needs libvirt 11.2.
    """

    why_not: str = ""
    is_silent: bool = False
    took: float | None = None
    info: GuestAgentInfo | None = None
    clock: GuestClock | None = None
    is_frozen: bool = False
    is_windows: bool = False
    trim: TrimEstimate = TrimEstimate()
    keys: int | None = None
    keys_why: str = ""

    @property
    def answers(self) -> bool:
        """Whether the agent can be asked to do something."""
        return not self.why_not


class GuestProgram(Struct, frozen=True):
    """A program that runs, or ran, in a guest by its agent.

    ``status`` is its exit status and ``signal`` the signal that ended it; both are None while it
    runs. ``cut`` says that the agent kept only the beginning of its output.
    """

    pid: int
    ended: bool = False
    status: int | None = None
    signal: int | None = None
    output: bytes = b""
    errors: bytes = b""
    cut: bool = False


# -- the arguments of verbs ----------------------------------------------------------------


class ShutdownArguments(Struct, frozen=True):
    """SHUTDOWN: whether the agent alone is asked, and not the power button."""

    by_agent: bool = False


class PasswordArguments(Struct, frozen=True):
    """SET_PASSWORD: the user of the guest, and the password or, where ``is_hashed``, its hash."""

    user: str
    password: SecretBytes
    is_hashed: bool = True


class SshKeyArguments(Struct, frozen=True):
    """CHANGE_SSH_KEYS: the lines that a user's authorized_keys gets and loses."""

    user: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
