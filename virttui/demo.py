"""The demo: libvirt's in-process test driver with a shipped scene. Nothing in it is real."""

from __future__ import annotations

from importlib.resources import files

from virttui.model.backend import HostSpec


def demo_hosts() -> tuple[HostSpec, ...]:
    """The one host of the demo. Each start begins with the same scene."""
    scene = files("virttui") / "data" / "demo.xml"
    return (HostSpec(id="demo", uri=f"test://{scene}", name="demo"),)
