"""The present values of all settings in a definition."""

from __future__ import annotations

from virttui.libvirtxml.edits.devices import LISTENING
from virttui.libvirtxml.edits.operands import (
    device_name,
    devices,
    is_a,
    is_serial_port_again,
    parsed_domain,
    permanent_name,
    root,
    size_of,
)
from virttui.libvirtxml.parse import whole
from virttui.libvirtxml.text.tree import Element, Tree, tree
from virttui.model.domains.settings import SETTINGS, CurrentSetting, Setting


def current_settings(text: str) -> tuple[CurrentSetting, ...]:
    """Return every setting of a domain with its value, the domain's own first. Raises
    InvalidInput."""
    parsed = parsed_domain(text)
    result: list[CurrentSetting] = []
    for setting in SETTINGS:
        if not setting.device_kind and setting.name != "autostart":
            result.append(CurrentSetting(setting, "", _of_domain(parsed, setting.name)))
    all_devices = devices(parsed)
    for element in all_devices:
        for setting in SETTINGS:
            if not setting.device_kind or not is_a(element, setting.device_kind):
                continue
            if setting.name in ("network", "bridge") and setting.name != element.get("type"):
                continue
            if setting.name == "log" and is_serial_port_again(parsed, element):
                continue
            if setting.name == "listen" and element.get("type") not in LISTENING:
                continue
            same_kind = [one for one in all_devices if one.name == element.name]
            result.append(
                CurrentSetting(
                    setting,
                    device_name(element, same_kind),
                    _of_device(element, setting),
                    element.name,
                )
            )
    return tuple(result)


def memory_of(text: str) -> int | None:
    """Return the maximum memory in a definition, in bytes; None where it has none."""
    parsed = tree(text)
    found = parsed.root.child("memory") if parsed.root is not None else None
    return size_of(parsed, found)


def device_names(text: str, live: str = "") -> tuple[str, ...]:
    """Return the names of the devices that can be removed, in the order of the definition.

    Devices that only the live definition ``live`` has come last.
    """
    every = devices(parsed_domain(text))
    stored = {permanent_name(element) for element in every}
    running = devices(parsed_domain(live)) if live else []
    return (
        *(
            device_name(element, [one for one in every if one.name == element.name])
            for element in every
            if element.name not in ("emulator", "controller")
        ),
        *(name for element in running if (name := permanent_name(element)) and name not in stored),
    )


def _of_domain(parsed: Tree, name: str) -> str:
    domain = root(parsed)
    if name in ("memory", "max-memory"):
        path = "currentMemory" if name == "memory" else "memory"
        size = size_of(parsed, domain.child(path) or domain.child("memory"))
        return str(size) if size is not None else ""
    if name == "vcpus":
        vcpu = domain.child("vcpu")
        return (vcpu.get("current") or parsed.text_of(vcpu)) if vcpu is not None else ""
    if name == "boot":
        return _boot(parsed, domain)
    if name == "cpu":
        cpu = domain.child("cpu")
        model = cpu.child("model") if cpu is not None else None
        mode = cpu.get("mode") if cpu is not None else ""
        return parsed.text_of(model) if model is not None and mode in ("", "custom") else mode
    found = domain.child(name)
    return parsed.text_of(found) if found is not None else ""


def _boot(parsed: Tree, domain: Element) -> str:
    every = devices(parsed)
    ordered = sorted(
        (whole(order.get("order")) or 0, device_name(one, [e for e in every if e.name == one.name]))
        for one in every
        if (order := one.child("boot")) is not None and whole(order.get("order")) is not None
    )
    if ordered:
        return ",".join(name for _, name in ordered)
    return ",".join(boot.get("dev") for boot in domain.all("os/boot"))


def _of_device(element: Element, setting: Setting) -> str:
    path, attribute = _VALUE_PATHS[setting.name]
    if setting.name == "media":
        source = element.child("source")
        if source is None:
            return "none"
        if pool := source.get("pool"):
            return f"{pool}/{source.get('volume')}"
        # In what runs an empty drive has a source, too, which names nothing.
        names = (source.get(name) for name in ("file", "dev", "name", "protocol"))
        return next((name for name in names if name), "none")
    found = element.child(path) if path else element
    value = found.get(attribute) if found is not None else ""
    if setting.name == "link":
        return value or "up"
    if setting.name == "listen":
        listen = element.child("listen")
        return (listen.get("address") or listen.get("type")) if listen is not None else value
    return value


_VALUE_PATHS = {
    "media": ("source", "file"),
    "bus": ("target", "bus"),
    "cache": ("driver", "cache"),
    "discard": ("driver", "discard"),
    "link": ("link", "state"),
    "network": ("source", "network"),
    "bridge": ("source", "bridge"),
    "model": ("model", "type"),
    "listen": ("", "listen"),
    "log": ("log", "file"),
}
