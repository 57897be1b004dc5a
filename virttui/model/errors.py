"""Every way a host or libvirt can say no, in words an operator can use.

    Trouble                   anything that went wrong, ready to be shown
    ├── HostLost              the connection broke, or none could be made
    ├── HostDenied            the daemon is there, this user may not use it
    ├── BadUri                no driver or address could be made of this URI
    ├── NotAnswering          a deadline passed; the call may still be at work
    ├── NotFound              the object is gone (undefined, destroyed, renamed elsewhere)
    ├── PartlyDone            some of it was done and some was not; its sentence says which
    ├── Refused               libvirt understood and declined; nothing was changed
    │   ├── Busy              another job holds the domain
    │   ├── ChangedElsewhere  what was to be replaced is no longer what was read
    │   ├── Invalid           the definition breaks libvirt's schema
    │   ├── ReadOnly          this connection, or this run, may not change anything
    │   └── Unsupported       this driver or version has no such function
    ├── Cancelled             it was ended by hand while it was at work; nothing is left of it
    └── BadInput              what was typed, or a file, cannot be used

Libvirt's codes become these in ``virttui.hypervisor.translate`` and nowhere else.
"""

from __future__ import annotations


class Trouble(Exception):
    """Something that failed, told in one sentence.

    ``sentence`` says what and why in plain words, ``advice`` what to do (may be empty),
    ``said`` is libvirt's own text, verbatim.
    """

    def __init__(self, sentence: str, *, advice: str = "", said: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice
        self.said = said

    @property
    def quoted(self) -> str:
        """libvirt's own text on one line."""
        return " ".join(self.said.split())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.sentence!r})"


class HostLost(Trouble):
    """The connection broke, or none could be made."""


class HostDenied(Trouble):
    """The daemon is there, but this user may not use it."""


class BadUri(Trouble):
    """No driver or address could be made of the URI."""


class NotAnswering(Trouble):
    """A deadline passed; the call may still be at work."""


class NotFound(Trouble):
    """The object is gone."""


class PartlyDone(Trouble):
    """Some of it was done and some was not; the sentence says which."""


class Refused(Trouble):
    """Libvirt understood and declined; nothing was changed."""


class Busy(Refused):
    """Another job holds the domain."""


class ChangedElsewhere(Refused):
    """What was to be replaced is no longer what was read; nothing was written."""


class Invalid(Refused):
    """The definition breaks libvirt's schema; nothing was written."""


class ReadOnly(Refused):
    """This connection, or this run, may not change anything."""


class Unsupported(Refused):
    """This driver or version has no such function."""


class Cancelled(Trouble):
    """It was ended by hand while it was at work; nothing is left of it."""


class BadInput(Trouble):
    """What was typed, or a file, cannot be used."""
