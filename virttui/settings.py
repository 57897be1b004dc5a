"""Settings, frozen, from the command line, the environment and ``config.toml``, in that order.

The file lies in ``$XDG_CONFIG_HOME/virttui`` and looks like this, every line optional::

    interval = 1.0            # seconds between two looks
    slow = false              # for slow links: 2 s, 16 colours, no bars
    theme = "auto"            # auto, dark, light, ansi, none
    glyphs = "auto"           # auto, unicode, ascii
    attention_first = true    # rows that need attention come first
    shutdown_wait = 90        # seconds a guest gets before force off is offered
    at_a_time = 3             # commands at work at once on each host
    graphs = "auto"           # auto, braille, blocks, ascii
    scratch = "/big/tmp"      # where disks that come in are converted, a private folder in it

    [limits]                  # from when on a figure is yellow, in percent
    cpu = 90
    memory = 95
    steal = 10
    filesystem = 90           # inside guests, as their agents tell
    full = 90                 # pools, the disk of libvirt's images, a guest's block devices
    full_alarm = 95           # from when on they are red
    latency = 5               # milliseconds a disk request, at the least
    latency_times = 3         # and so many times its own usual
    vcpus_promised = 3        # vCPUs of running domains a core
    memory_promised = 100     # their memory against the host's
    pool_promised = 150       # what a pool's volumes may grow to against its size
    pressure = 20             # of the time something waits for CPU, memory or I/O

    [[host]]
    name = "kvm01"
    uri = "qemu+ssh://root@kvm01/system"
"""

from __future__ import annotations

import locale
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace
from platformdirs import user_config_path, user_runtime_path, user_state_path

from virttui.model.backend import HostSpec
from virttui.model.errors import InvalidInput
from virttui.model.thresholds import USUAL_LIMITS, Thresholds

THEMES = ("auto", "dark", "light", "ansi", "none")
GLYPHS = ("auto", "unicode", "ascii")
GRAPHS = ("auto", "braille", "blocks", "ascii")
MOST_AT_A_TIME = 16


class Settings(Struct, frozen=True):
    """All that can be chosen. ``hosts`` is empty when libvirt's own default is meant.

    ``explicit`` says that the hosts were named with ``-c``: then a dead one is shown failed
    and never turns into the first-run page. ``graphics`` is what the terminal answered that it
    draws images by, kitty or sixel, "" for neither, and ``cell`` the pixels of its cells.
    """

    hosts: tuple[HostSpec, ...] = ()
    explicit: bool = False
    demo: bool = False
    interval: float = 1.0
    slow: bool = False
    read_only: bool = False
    theme: str = "auto"
    glyphs: str = "auto"
    attention_first: bool = True
    shutdown_wait: float = 90.0
    at_a_time: int = 3
    graphs: str = "auto"
    limits: Thresholds = USUAL_LIMITS
    log: Path | None = None
    graphics: str = ""
    cell: tuple[int, int] = (0, 0)
    scratch: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


def config_file() -> Path:
    """Where the settings are read from unless ``--config`` says otherwise."""
    return user_config_path("virttui", appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Where history, drafts and views are kept."""
    return user_state_path("virttui", appauthor=False)


def runtime_folder() -> Path:
    """Where files live that nobody else may see and that end with their use."""
    return user_runtime_path("virttui", appauthor=False)


def styles_folder() -> Path:
    """The folder of the ``.tcss`` files: inside an installed package, beside it in a checkout."""
    packaged = Path(str(files("virttui"))) / "styles"
    return packaged if packaged.is_dir() else packaged.parent.parent / "styles"


def specs(uris: Sequence[str]) -> tuple[HostSpec, ...]:
    """Hosts for bare URIs, in order; the same URI twice becomes one host."""
    return tuple(HostSpec(id=uri, uri=uri) for uri in dict.fromkeys(uris))


def read(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file at ``path``, or the usual one, which need not exist.

    Raises InvalidInput with the file, the key and what is wanted there.
    """
    source = path or config_file()
    settings = Settings(environment=dict(os.environ if environment is None else environment))
    try:
        text = source.read_text(encoding="utf-8")
    except FileNotFoundError:
        if path is None:
            return settings
        raise InvalidInput(f"{source} does not exist") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{source} cannot be read: {error}") from None
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{source} is not valid TOML: {error}") from None
    return _apply(settings, table, source)


_FOUND_OUT = frozenset({"hosts", "explicit", "demo", "environment", "graphics", "cell"})
"""What no line of the file is for."""


def _apply(settings: Settings, table: dict[str, object], source: Path) -> Settings:
    hosts = _hosts(table.pop("host", []), source)
    known = set(Settings.__struct_fields__) - _FOUND_OUT
    chosen: dict[str, Any] = {}
    for key, value in table.items():
        name = OLD_NAMES.get(key, key)
        if name not in known:
            raise InvalidInput(f"{source}: there is no setting {key}")
        if name == key or name not in table:
            chosen[name] = _checked(name, value, source)
    return replace(settings, hosts=hosts, **chosen)


def _checked(key: str, value: object, source: Path) -> object:
    """The value if it fits the setting ``key``; else InvalidInput says what would."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == "limits":
        return _limits(value, source)
    if key == "interval" and number:
        return interval_of(str(value))
    if key in _CHOICES and value in _CHOICES[key]:
        return value
    if key in ("log", "scratch") and isinstance(value, str):
        return Path(value).expanduser()
    if key == "shutdown_wait" and isinstance(value, int | float) and number and 1 <= value < inf:
        return float(value)
    if key == "at_a_time" and isinstance(value, int) and number and 1 <= value <= MOST_AT_A_TIME:
        return value
    if key not in _WANTS and key not in _CHOICES and isinstance(value, bool):
        return value
    wanted = _WANTS.get(key, "true or false")
    if key in _CHOICES:
        wanted = f"one of {', '.join(_CHOICES[key])}"
    raise InvalidInput(f"{source}: {key} needs {wanted}")


OLD_NAMES = {"eyes_first": "attention_first"}
"""Settings by the names they had before, which are still read."""
_WANTS = {
    "interval": "seconds, a number",
    "log": "the path of a file",
    "scratch": "the path of a folder",
    "shutdown_wait": "a number of at least 1",
    "at_a_time": f"a whole number from 1 to {MOST_AT_A_TIME}",
}
_CHOICES = {"theme": THEMES, "glyphs": GLYPHS, "graphs": GRAPHS}
_AS_THEY_ARE = {"latency_times": 1.0, "latency": 1000.0, "vcpus_promised": 1.0}


def _limits(table: object, source: Path) -> Thresholds:
    """The ``[limits]`` table: percents, but for milliseconds of latency and the two factors."""
    if not isinstance(table, dict):
        raise InvalidInput(f"{source}: limits are written as a [limits] table")
    known = set(Thresholds.__struct_fields__)
    chosen: dict[str, float] = {}
    for key, value in table.items():
        if key not in known:
            raise InvalidInput(f"{source}: there is no limit {key}: {', '.join(sorted(known))}")
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < inf:
            raise InvalidInput(f"{source}: limit {key} needs a number above 0")
        chosen[key] = value / _AS_THEY_ARE.get(key, 100.0)
    return replace(USUAL_LIMITS, **chosen)


def _hosts(entries: object, source: Path) -> tuple[HostSpec, ...]:
    if not isinstance(entries, list):
        raise InvalidInput(f"{source}: hosts are written as [[host]] tables")
    hosts: dict[str, HostSpec] = {}
    for entry in entries:
        uri = entry.get("uri") if isinstance(entry, dict) else None
        name = entry.get("name", "") if isinstance(entry, dict) else ""
        if not isinstance(uri, str) or not uri or not isinstance(name, str):
            raise InvalidInput(f"{source}: each [[host]] needs a uri; a name is optional")
        identity = name or uri
        if identity in hosts:
            raise InvalidInput(f"{source}: there are two hosts called {identity}")
        hosts[identity] = HostSpec(id=identity, uri=uri, name=name)
    return tuple(hosts.values())


def default_hosts(environment: Mapping[str, str]) -> tuple[HostSpec, ...]:
    """What libvirt itself would open: ``LIBVIRT_DEFAULT_URI``, its client config's
    ``uri_default``, or the system daemon, for an ordinary user the session daemon too.
    """
    if named := environment.get("LIBVIRT_DEFAULT_URI"):
        return specs([named])
    system = os.geteuid() == 0
    folder = Path("/etc") if system else user_config_path("libvirt", appauthor=False).parent
    try:
        text = (folder / "libvirt" / "libvirt.conf").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""
    if found := re.search(r'^\s*uri_default\s*=\s*"([^"]+)"', text, re.MULTILINE):
        return specs([found[1]])
    return specs(["qemu:///system"] if system else ["qemu:///system", "qemu:///session"])


def interval_of(text: str) -> float:
    """Seconds between two looks, from what was typed. Raises InvalidInput."""
    try:
        seconds = float(text)
    except ValueError:
        raise InvalidInput(f"--interval needs seconds, a number, not {text!r}") from None
    if not 0.2 <= seconds <= 3600:
        raise InvalidInput(f"--interval needs seconds from 0.2 to 3600, not {text}")
    return seconds


def osinfo_folders() -> list[Path]:
    """Where osinfo's database lies; what is read last counts most (libosinfo's own order)."""
    folders = ("/usr/share/osinfo", "/etc/osinfo", "~/.config/osinfo")
    return [Path(folder).expanduser() for folder in folders]


def plain_locale(environment: Mapping[str, str]) -> bool:
    """Whether the locale is none of UTF-8; Python itself takes C for UTF-8, terminals need not."""
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    told = {name: environment.get(name, os.environ.get(name, "")) for name in names}
    chosen = told["LC_ALL"] or told["LC_CTYPE"] or told["LANG"]
    if not told["LC_ALL"] and told["LC_CTYPE"] == "C.UTF-8" and told["LANG"]:
        # Python sets LC_CTYPE so when it finds that LANG is C.
        chosen = told["LANG"]
    encoding = locale.getpreferredencoding(False).upper()
    return chosen in ("C", "POSIX") or "UTF" not in encoding
