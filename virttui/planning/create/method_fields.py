"""The fields of the wizard's first step: the install method, and the source of the system."""

from __future__ import annotations

from virttui.model.documents import Option
from virttui.model.form_fields import FormField, FormValues
from virttui.model.provision.create import CreateContext
from virttui.model.provision.domain_spec import InstallMethod, OperatingSystem
from virttui.model.provision.lookups import Lookup, LookupKind, LookupResult
from virttui.planning.create.disk_fields import free_volumes
from virttui.planning.create.sources import (
    is_outside_host,
    looks_like_medium,
    pool_options,
    volume_options,
)
from virttui.planning.create.step_context import StepContext, text_field, volume_field
from virttui.planning.form import choice

_METHODS = {
    InstallMethod.MEDIUM: "an ISO image boots first",
    InstallMethod.CLOUD: "a ready image, set up by cloud-init",
    InstallMethod.NETWORK: "PXE: the network says what boots",
    InstallMethod.TREE: "a distribution's installer, from its URL",
    InstallMethod.DISK: "a volume that holds a system already",
    InstallMethod.KERNEL: "kernel and initrd of the host",
    InstallMethod.CONTAINER: "a root folder of the host, or a tar file of one",
}
_IMAGES = ("qcow2", "raw", "vmdk", "vdi", "qed")
_SOURCE_NOTE = "pool/volume, or ~/file or https://… to be put into a pool"


def chosen_method(entered: FormValues, context: CreateContext) -> InstallMethod:
    """Return the install method that was chosen, else the first that is possible."""
    usable = _methods(context)
    return InstallMethod(entered["method"]) if entered.get("method") in usable else usable[0]


def _methods(context: CreateContext) -> list[InstallMethod]:
    if context.container:
        return [InstallMethod.CONTAINER]
    return [one for one in _METHODS if one is not InstallMethod.CONTAINER]


def method_fields(
    method: InstallMethod, entered: FormValues, context: CreateContext
) -> tuple[FormField, ...]:
    """Return the field of the install method and those of its source."""
    options = tuple(Option(one, _METHODS[one]) for one in _methods(context))
    fields = [FormField("method", "from", method, options, only=True)]
    if method is InstallMethod.MEDIUM:
        fields += _medium_fields(entered, context)
    elif method is InstallMethod.CLOUD:
        written = {place for place, _ in context.volume_writers}
        images = volume_options(context, lambda one: one.format in _IMAGES)
        images = [one for one in images if one.name not in written]
        fields.append(volume_field("base", "image", entered, images, _SOURCE_NOTE))
        fields += _upload_field(entered, "base", context)
    elif method is InstallMethod.TREE:
        fields.append(text_field("tree", "URL", entered, _tree_note(entered, context)))
        fields.append(choice("upload", "kernel to", pool_options(context, files=True), entered))
        tree = context.lookup_results.get(
            Lookup(LookupKind.TREE, entered.get("tree", "")), LookupResult()
        ).tree
        fields.append(
            text_field(
                "cmdline",
                "its words",
                entered,
                "what its installer is told",
                usual=tree.cmdline if tree is not None else "",
                needed=False,
            )
        )
    elif method is InstallMethod.DISK:
        unused = free_volumes(StepContext(method, OperatingSystem("", ""), entered, context))
        note = "pool/volume not in use"
        fields.append(volume_field("disk", "volume", entered, unused, note))
    elif method is InstallMethod.KERNEL:
        fields += [
            text_field("kernel", "kernel", entered, "a path of the host"),
            text_field("initrd", "initrd", entered, "a path of the host", needed=False),
            text_field(
                "cmdline", "its words", entered, "root=/dev/vda console=ttyS0", needed=False
            ),
        ]
    elif method is InstallMethod.CONTAINER:
        fields += [
            text_field(
                "tarball",
                "filled from",
                entered,
                "a tar file of this machine, if it is the host",
                needed=False,
            ),
            text_field(
                "root",
                "root folder",
                entered,
                "a path of the host",
                usual=_root(entered) if entered.get("tarball") else "",
            ),
            text_field("init", "starts", entered, "a path in it", usual="/sbin/init"),
        ]
    return tuple(fields)


def method_value(
    name: str, method: InstallMethod, entered: FormValues, context: CreateContext
) -> str:
    """Return the value of one of these fields, "" where the method does not have it."""
    return next(
        (one.value for one in method_fields(method, entered, context) if one.name == name), ""
    )


def _root(entered: FormValues) -> str:
    return f"/var/lib/libvirt/filesystems/{entered.get('name') or 'vm'}"


def _tree_note(entered: FormValues, context: CreateContext) -> str:
    """Return a note about the install tree."""
    found = context.lookup_results.get(Lookup(LookupKind.TREE, entered.get("tree", "")))
    if found is None or (found.tree is None and not found.error):
        return "https://…/debian/dists/stable/main/installer-amd64/, …/os/"
    return found.error or (found.tree.label if found.tree is not None else "")


def _medium_fields(entered: FormValues, context: CreateContext) -> list[FormField]:
    images = volume_options(context, lambda one: one.format == "iso" or looks_like_medium(one))
    field = volume_field("medium", "medium", entered, images, _SOURCE_NOTE)
    return [field, *_upload_field(entered, "medium", context)]


def _upload_field(entered: FormValues, field: str, context: CreateContext) -> list[FormField]:
    """Return the field for the pool that a file of this computer, or of the web, goes to."""
    if not is_outside_host(entered.get(field, "")):
        return []
    return [choice("upload", "put into", pool_options(context, files=True), entered)]
