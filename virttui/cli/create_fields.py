"""The fields of a file of ``virttui create``: all of them by method, and those near a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from virttui.cli.output import show_message
from virttui.model.documents import Option
from virttui.model.domains.disk_jobs import TargetPool
from virttui.model.form_fields import FormField
from virttui.model.identity import ObjectId
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import HostCapabilities, InstallMethod
from virttui.model.volumes import PoolContext

_BESIDE = (
    ("name", "what it is called; web-{01..20} makes twenty"),
    ("method", "one of those below"),
    ("host", "on which of several hosts"),
    ("template", "one that was kept in the wizard"),
)
"""What every machine of a file can have, or has."""
_SOURCES = {
    InstallMethod.MEDIUM: {"medium": "~/debian.iso"},
    InstallMethod.CLOUD: {"base": "~/cloud.qcow2", "address": "192.0.2.10/24"},
    InstallMethod.CONTAINER: {"tarball": "~/root.tar"},
}
"""What brings out fields that are there only beside some values."""
_WORDS = {
    "os": "system: an id of osinfo's, as debian12, win11; else told by the medium or its name",
    "upload": "put into: the pool that a file of this machine, or of the web, goes to",
    "vcpus": "vCPUs: a number",
    "memory": "as 4G, 512M",
    "pool": "the pool that its disk is made in",
    "volume": 'with how = "existing": pool/volume not in use',
    "net": "network: its name, bridge:NAME, or none",
    "hostname": "inside the guest; empty = the domain's name",
}


def fields(method: InstallMethod) -> tuple[FormField, ...]:
    """Every field that a method may have, on a host that has what is usual."""
    from virttui.planning.create.fields import form_fields
    from virttui.planning.osinfo.catalog import os_catalog

    room = PoolContext("dir", 0, (), ())
    pools = (TargetPool(ObjectId("", "default"), "default", room, ""),)
    container = method is InstallMethod.CONTAINER
    context = CreateContext("", "its host", "", "", pools, (Option("default"),),
    capabilities=HostCapabilities(virt="kvm"),
                    container=container)  # fmt: skip
    known = os_catalog(())
    entered = {"method": str(method), **_SOURCES.get(method, {})}
    found: dict[str, FormField] = {}
    for more in ({}, {"how": "copy"}, {"how": "new"}, {"how": "existing"}):
        for step in WizardStep:
            for one in form_fields(step, {**entered, **more}, context, known):
                found.setdefault(one.name, one)
    return tuple(one for one in found.values() if one.name not in dict(_BESIDE))


def print_fields() -> int:
    """List them, a line each; 0."""
    show_message('In [defaults] or [[machine]], each as NAME = "VALUE":')
    for name, words in _BESIDE:
        show_message(f"  {name:<12} {words}")
    for method in InstallMethod:
        show_message("")
        show_message(f'method = "{method}"')
        for one in fields(method):
            show_message(f"  {one.name:<12} {_choices_text(one)}")
    show_message("")
    show_message("Further disks and network cards have a number: disk2.size, disk2.pool, nic2.net")
    return 0


def _choices_text(field: FormField) -> str:
    """The name of a field in the wizard, its values, and its help."""
    if field.name in _WORDS:
        return _WORDS[field.name]
    parts = [field.label] if field.label != field.name else []
    if field.only and field.options and field.name not in ("pool", "upload", "net"):
        parts.append(", ".join(one.name for one in field.options))
    if field.note and (not field.options or not field.only or len(parts) < 1):
        parts.append(field.note)
    return ": ".join(parts)


def nearest(stray: str, known: Sequence[FormField]) -> str:
    """The likely intention, in words, of a name that no field has."""
    rest = stray.rpartition(".")[2]
    names = [field.name for field in known]
    named = [*difflib.get_close_matches(stray, names, 3, 0.6)]
    labels = {field.label.casefold(): field.name for field in known}
    for label, name in labels.items():
        if rest.casefold() in label or label in rest.casefold():
            named.append(name)
    named += [name for name in names if rest and (name.startswith(rest) or rest.startswith(name))]
    found = list(dict.fromkeys(named))[:4]
    suggestion = f"; did you mean {', '.join(found)}?" if found else ""
    return (
        f"{suggestion} virttui create --fields lists them all"
        if suggestion
        else ("; virttui create --fields lists them all")
    )
