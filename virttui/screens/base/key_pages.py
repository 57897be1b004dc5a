"""The keys of the workbench, of the wizard and of a domain's own pages, as pages."""

from __future__ import annotations

from virttui.screens.base.text_screen import TextScreen

KEYS = """\
everywhere
  f1            this page; ? where no letter is text
  f3  shift+f3  next tab, the one before: live, next boot, pending, history
  esc           one layer back; what you typed is saved as a draft
  ctrl+c        copy what is selected

the text
  f2            review what would change, then apply it
  f4            the same text in $EDITOR
  f5            add a device, by a form, to the text of a domain
  f7            what was changed elsewhere since you began
  f8            next problem
  f9            other documents: snapshots, saved image, capabilities; of a host, all it has
  tab           complete at the cursor; take the highlighted one
  ctrl+f        find; ctrl+g next, up and down while you type
  ctrl+o        outline: jump to an element
  ctrl+z ctrl+y undo, redo
  ctrl+x ctrl+v cut the selection or line, paste it; shift with arrows selects
  ctrl+w ctrl+u ctrl+k
                delete the word, to the beginning, to the end of the line

differences and review
  n N           next change, the one before
  s             side by side
  ← →           sideways
  w             when: next boot, live, both
  a             apply: the only key that writes
  A             define without validation, after libvirt's schema refused
  y             copy the virsh command

where both changed the same lines
  m t b o       mine, theirs, both, as it was
  enter         on to the review

history
  ↑ ↓           newer, older
  r             restore: into the editor, and to the review
"""


WIZARD_KEYS = """\
a step
  enter         on to the next step, or to what is missing
  pgup          the step before
  f2            to the review, with defaults for the rest
  tab ↑ ↓       the next field, the one before
  ← →           the next value, the one before; or type how it begins
  f5 f8         one more disk or network card; without the current one
  esc           leave; your choices are saved as a draft

the review
  a             create: the only key that creates anything
  x             edit the XML in the workbench; f2 there brings it back
  u             generate the XML again from your choices
  d             dry run: ask the host to check it; nothing is created
  y             copy the virt-install command
  t             save your choices as a template for another time
  ↑ ↓           scroll
  pgup enter    the step before
"""


CONSOLE_KEYS = """\
typing
  ctrl+]        stop typing; every other key goes to the guest, esc and ctrl+c too

not typing
  enter         type again; where the console is not yours, ask for it again
  pgup pgdn ↑ ↓ older lines, newer ones
  G             the newest lines
  / n N         search all lines that are kept; next match, the one before
  z             tell the guest its size: types a command at a shell prompt, asks first
  +             without the figures beside it, and back
  ]             send ctrl+] to the guest
  e             keep it in a file, also while the page is left; again, or X on its task, ends it
  b             a break: not possible with libvirt; says how QEMU sends one
  tab           the next console of the domain; to logs or console beside it and back
  |             choose what is beside it, from 160 columns on: figures, logs, any other console
  T             take the console over from whoever has it, asks first
  s S p w R D Z start, shut down, pause, save, reboot, force off, reset; all ask while it runs
  l             its logs; of a console that somebody else has, read it along where it is logged
  v             its screen; the console stays attached
  ctrl+c        copy what is selected
  esc  ctrl+]   let go of the console, back to the list
"""


GUEST_SCREEN_KEYS = """\
sending
  tab           keys to send: a menu with ctrl+alt+del, f keys, sysrq, a text, a password
  enter         in the menu, send it; what may lose work asks
  esc           stop what is being sent; leave the menu

looking
  enter         look now
  u             freeze what is seen, and go on
  ↑ ↓ pgup pgdn rows above and below; g the first ones, G those with the cursor
  ← →           columns, where the screen is wider than the page
  / n N         search its text; next match, the one before
  i             draw it as text, or as an image by quadrants, half blocks, letters
  +             in the whole width, and back
  o             the other screen of a domain that has several
  y             copy its text
  e             save the picture as a PNG file
  h             hand its display over: virt-viewer, an ssh tunnel, a .vv file, a viewer here
  ctrl+c        copy what is selected

the domain
  s S p w R D Z start, shut down, pause, save, reboot, force off, reset; all ask while it runs
  c  l          its console, its logs
  esc           back to the list
"""


GUEST_TILES_KEYS = """\
looking
  ← → ↑ ↓       the guest whose tile has the cursor
  pgup pgdn     tiles before and after, where there are more than fit
  g G           the first tile, the last
  enter v       its own screen: search, copy, keys to send; esc comes back here
  o             those first that somebody has to look at, or the order of the list
  u             freeze what is seen, and go on
  ctrl+r        look at those in view now
  ctrl+c        copy what is selected

the guest under the cursor
  s S p w R D Z start, shut down, pause, save, reboot, force off, reset; all ask while it runs
  c  l          its console, its logs
  esc q         back to the list

Pictures are taken in turns, one at a time a host. A screen in view is looked at every 5 s (slow:
15 s), one out of view every minute.
"""


LOGS_KEYS = """\
lines
  ↑ ↓ pgup pgdn line by line, page by page; up at the first line reads older ones
  g G           the first line; the newest, and stay on it
  f             stay on the newest line, or stop it
  n N           the next line that sounds like trouble, the one before
  /             filter: words, source:qemu,console
  L             long lines whole, or cut
  space         mark a line
  y             copy the marked lines, or the one under the cursor
  e             save the marked lines, or all that are shown, to a file
  a             have its console logged to a file, from its next start; asks
  c             the console of the domain
  ctrl+c        copy what is selected

sources
  tab           to the sources and back
  space         hide a source, or show it again

  esc           one layer back: sources, marks, filter, the page

A ~ before a time: the line has none of its own. It is when it was read; of lines that were
there before, when their file was last written.
"""


PROGRAM_KEYS = """\
typing
  ctrl+]        stop typing; every other key goes to the program, esc and ctrl+c too

not typing
  enter         type again; back where it has ended
  pgup pgdn ↑ ↓ older lines, newer ones
  G             the newest lines
  / n N         search all lines that are kept; next match, the one before
  ]             send ctrl+] to the program
  ctrl+c        copy what is selected
  esc q  ctrl+] back; ends the program, and asks while it runs
"""


LOG_TILES_KEYS = """\
looking
  ← → ↑ ↓       the domain whose tile has the cursor
  pgup pgdn     tiles before and after, where there are more than fit
  g G           the first tile, the last
  enter l       its logs alone: all lines, filter, files; esc comes back here
  ctrl+c        copy what is selected

the domain under the cursor
  s S p w R D Z start, shut down, pause, save, reboot, force off, reset; all ask while it runs
  c  v          its console, its screen
  esc q         back to the list

Only the logs of domains in view are read.
"""


SNAPSHOTS_KEYS = """\
snapshots of a domain
  ↑ ↓ j k g G   move
  enter x       the XML of the snapshot
  space         mark
  C             a new domain of that moment; this one is not touched
  U             delete it, or those marked; the question shows what becomes of each file
  n             take a snapshot of now
  r             revert to the snapshot; asks, and takes one of now first
  =             compare its definition with the present one
  e             its note
  y             copy its name
  ctrl+c        copy what is selected
  ctrl+r        ask the host again; else it is asked every 10 s
  esc q         back
"""


BACKUPS_KEYS = """\
backups of a domain
  ↑ ↓ j k g G   move
  n             back up now; shows what it would do, and asks
  m             the next one automatic, full or differential
  e             the pool that it goes to
  r             restore the one under the cursor: as a new domain, in place, as volumes
  V             verify it: all its files and those that it needs are read and compared
  U             delete it, with those that need it; asks for the domain's name
  y             copy its id, for virttui restore --id
  tab           under 100 columns: the backup, or what the next one would do
  ctrl+c        copy what is selected
  ctrl+r        ask the host again
  esc q         back; what is at work goes on
"""


class _Keys:
    """Fills the page at once."""

    def __init__(self, keys: str) -> None:
        self._keys = keys

    async def fill(self, page: TextScreen) -> None:
        """All lines."""
        page.add(self._keys.splitlines())

    def stop(self) -> None:
        """Nothing of it works on."""


def keys_page() -> TextScreen:
    """The page of keys."""
    return TextScreen("keys of the workbench", _Keys(KEYS))


def wizard_keys_page() -> TextScreen:
    """The page of keys of the wizard."""
    return TextScreen("keys of a new domain", _Keys(WIZARD_KEYS))


def guest_screen_keys_page() -> TextScreen:
    """The page of keys of a guest's screen."""
    return TextScreen("keys of a guest's screen", _Keys(GUEST_SCREEN_KEYS))


def guest_tiles_keys_page() -> TextScreen:
    """The page of keys of several guests' screens."""
    return TextScreen("keys of several screens", _Keys(GUEST_TILES_KEYS))


def console_keys_page() -> TextScreen:
    """The page of keys of a console."""
    return TextScreen("keys of a console", _Keys(CONSOLE_KEYS))


def logs_keys_page() -> TextScreen:
    """The page of keys of logs."""
    return TextScreen("keys of logs", _Keys(LOGS_KEYS))


def log_tiles_keys_page() -> TextScreen:
    """The page of keys of several domains' logs."""
    return TextScreen("keys of several logs", _Keys(LOG_TILES_KEYS))


def snapshots_keys_page() -> TextScreen:
    """The page of keys of the snapshots of a domain."""
    return TextScreen("keys of snapshots", _Keys(SNAPSHOTS_KEYS))


def program_keys_page() -> TextScreen:
    """The page of keys of a program on a terminal."""
    return TextScreen("keys of a program", _Keys(PROGRAM_KEYS))


def backups_keys_page() -> TextScreen:
    """The page of keys of the backups of a domain."""
    return TextScreen("keys of backups", _Keys(BACKUPS_KEYS))
