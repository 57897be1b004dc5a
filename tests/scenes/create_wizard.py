"""A host that answers what the wizard of a new machine asks, and the way to its steps."""

from __future__ import annotations

from tests.scenes import fleet
from tests.scenes.results import result_of
from tests.scenes.running_app import RunningApp, ScriptedBackend
from virttui.modals.base.chooser import PickerDialog
from virttui.modals.provision.create_wizard import CreateWizard
from virttui.model.errors import InvalidInput, Refused
from virttui.model.provision.checks import WizardStep
from virttui.model.provision.domain_spec import HostCapabilities, IsoDescriptor
from virttui.model.provision.network_pool import HostEnvironment
from virttui.model.queries import (
    CapabilitiesQuery,
    CapabilitiesResult,
    DryRunQuery,
    DryRunResult,
    HostEnvironmentQuery,
    HostEnvironmentResult,
    ImageQuery,
    ImageResult,
    Query,
    VolumesQuery,
    VolumesResult,
)

CAN = HostCapabilities(
    virt="kvm", emulator="/usr/bin/qemu-system-x86_64", machine="pc-q35-7.2",
    machines=("q35", "pc-q35-7.2"), max_vcpus=64, firmwares=frozenset({"bios", "efi"}),
    cpu_modes=("host-passthrough", "host-model"),
)  # fmt: skip
DEBIAN = IsoDescriptor("Debian 12.4.0 amd64 n", "LINUX", "", "", 1, bootable=True)


class Host:
    """Answers as a host does."""

    def __init__(self, backend: ScriptedBackend, image: IsoDescriptor | None = DEBIAN) -> None:
        self._backend, self._image = backend, image
        self.refusal = ""
        backend.asked = self

    def __call__(self, query: Query) -> None:
        answer = result_of(query)
        if isinstance(query, CapabilitiesQuery):
            answer = CapabilitiesResult(query, capabilities=CAN)
        elif isinstance(query, HostEnvironmentQuery):
            answer = HostEnvironmentResult(query, environment=HostEnvironment(bridges=("br0",)))
        elif isinstance(query, VolumesQuery):
            answer = VolumesResult(query, volumes=fleet.volumes())
        elif isinstance(query, DryRunQuery) and self.refusal:
            answer = result_of(
                query, error=Refused("libvirt refused", libvirt_message=self.refusal)
            )
        elif isinstance(query, DryRunQuery):
            answer = DryRunResult(query, outcome="libvirt would start it with 90 words")
        elif isinstance(query, ImageQuery) and self._image is not None:
            answer = ImageResult(query, image=self._image)
        elif isinstance(query, ImageQuery):
            answer = result_of(query, error=InvalidInput("it is not an ISO image"))
        self._backend.publish(answer)


async def opened(ui: RunningApp, *, host: str = "web-01") -> CreateWizard:
    ui.put_cursor(host)
    await ui.press("n")
    await ui.wait_for(lambda: isinstance(ui.app.screen, PickerDialog), "the hosts")
    await ui.press("enter")
    await ui.wait_for(lambda: isinstance(ui.app.screen, CreateWizard), "the wizard")
    await ui.wait_for(lambda: "an ISO image boots first" in ui.painted(), "its fields")
    screen = ui.app.screen
    assert isinstance(screen, CreateWizard)
    return screen


def view_state_of(ui: RunningApp) -> WizardStep:
    screen = ui.app.screen
    assert isinstance(screen, CreateWizard)
    return screen._step


async def at(ui: RunningApp, view_state: WizardStep) -> None:
    await ui.wait_for(lambda: view_state_of(ui) is view_state, view_state.value)
    await ui.settle()
