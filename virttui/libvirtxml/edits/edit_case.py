"""An edit of a definition, for the commands of virsh and virt-xml that make the same edit."""

from __future__ import annotations

from msgspec import Struct

from virttui.libvirtxml.edits.operands import device_of, devices
from virttui.libvirtxml.text.tree import Element, Tree
from virttui.model.commands import ApplyWhen, SettingChange
from virttui.model.domains.settings import BY_NAME

Commands = list[list[str]] | None
"""Argument lists, one after the other; None where only an editor can make the edit."""


class EditCase(Struct, frozen=True):
    """An edit, the definition before and after it, and the common beginning of both programs."""

    edit: SettingChange
    before: Tree
    after: Tree
    when: ApplyWhen
    is_live: bool
    uri: str
    name: str

    def virsh(self, word: str, *words: str) -> list[str]:
        """A virsh command on the domain."""
        return ["virsh", "-c", self.uri, word, self.name, *words]

    def virt_xml(self, action: str, *words: str) -> list[str]:
        """A virt-xml command on the domain, with when it takes effect."""
        how = ["--update"] if self.is_live else []
        how += [] if self.when.stores else ["--no-define"]
        return ["virt-xml", "-c", self.uri, self.name, action, *words, *how]

    @property
    def flags(self) -> list[str]:
        """The options of virsh that say when a change takes effect."""
        return [*(["--live"] if self.is_live else []), *(["--config"] if self.when.stores else [])]

    @property
    def device(self) -> Element:
        """The device before the edit."""
        return device_of(self.before, self.edit.device, BY_NAME[self.edit.what].device_kind)

    @property
    def changed(self) -> Element:
        """The device after the edit: it has the same place among its kind."""
        old = self.device
        place = [one for one in devices(self.before) if one.name == old.name].index(old)
        return [one for one in devices(self.after) if one.name == old.name][place]


def options(*parts: str) -> str:
    """Options in the form that virt-xml takes."""
    return ",".join(parts)


def delete_options(old: Element, new: Element) -> list[str]:
    """Return the options that remove the elements which are gone after the edit."""
    remaining = {child.name for child in new.children}
    removed = dict.fromkeys(child.name for child in old.children if child.name not in remaining)
    return [f"xpath{number}.delete=./{name}" for number, name in enumerate(removed, 1)]
