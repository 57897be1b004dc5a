"""Every way an operation can fail, in words an operator can use.

    OperationError            anything that failed, ready to be shown
    ├── HostLost              the connection broke, or none could be made
    ├── HostDenied            the daemon is there, this user may not use it
    ├── BadUri                no driver or address could be made of this URI
    ├── TimedOut              a deadline passed; the call may still be at work
    ├── NotFound              the object is gone (undefined, destroyed, renamed elsewhere)
    ├── PartiallyDone         some of it was done and some was not; the message says which
    ├── Refused               libvirt understood and declined; nothing was changed
    │   ├── Busy              another job holds the domain
    │   ├── ChangedElsewhere  what was to be replaced is no longer what was read
    │   ├── SchemaError       the definition breaks libvirt's schema
    │   ├── ReadOnly          this connection, or this run, may not change anything
    │   └── Unsupported       this driver or version has no such function
    ├── Cancelled             the user ended it while it was at work; nothing is left of it
    └── InvalidInput          what was typed, or a file, cannot be used

Libvirt's codes become these in ``virttui.hypervisor.connection.translate`` and nowhere else.
"""

from __future__ import annotations


class OperationError(Exception):
    """An operation that failed.

    ``message`` is one sentence: what failed and why. ``advice`` says what to do ("" for nothing).
    ``libvirt_message`` is the text of libvirt, or of the program or system call that failed,
    verbatim.
    """

    def __init__(self, message: str, *, advice: str = "", libvirt_message: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.libvirt_message = libvirt_message

    @property
    def quoted(self) -> str:
        """libvirt's own text on one line."""
        return " ".join(self.libvirt_message.split())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.message!r})"


class HostLost(OperationError):
    """The connection broke, or none could be made."""


class HostDenied(OperationError):
    """The daemon is there, but this user may not use it."""


class BadUri(OperationError):
    """No driver or address could be made of the URI."""


class TimedOut(OperationError):
    """A deadline passed; the call may still be at work."""


class NotFound(OperationError):
    """The object is gone."""


class PartiallyDone(OperationError):
    """Some of it was done and some was not; the message says which."""


class Refused(OperationError):
    """Libvirt understood and declined; nothing was changed."""


class Busy(Refused):
    """Another job holds the domain."""


class ChangedElsewhere(Refused):
    """A definition was changed by somebody else since it was read; nothing was written."""


class SchemaError(Refused):
    """The definition breaks libvirt's schema; nothing was written."""


class ReadOnly(Refused):
    """This connection, or this run, may not change anything."""


class Unsupported(Refused):
    """This driver or version has no such function."""


class Cancelled(OperationError):
    """The user ended it while it was at work; nothing is left of it."""


class InvalidInput(OperationError):
    """An input, or the content of a file, cannot be used."""
