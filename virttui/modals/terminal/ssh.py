"""A login to a guest by ssh: its address, the user and the way there."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.modals.base.form import FormDialog, FormState
from virttui.model.documents import Option
from virttui.model.errors import InvalidInput
from virttui.model.form_fields import FormField
from virttui.planning.ssh_login import SshLogin, login

DIRECT = "directly"


class SshDialog(FormDialog[SshLogin]):
    """Returns the login, or None. ``jump`` is the host that can be gone through, "" for none;
    ``is_behind`` says that its address is of a network that only this host knows the way to."""

    WIDTH = 70
    FROM_THE_TOP = True

    def __init__(
        self,
        name: str,
        addresses: Sequence[str],
        kept: tuple[str, int],
        jump: str,
        *,
        is_behind: bool,
    ) -> None:
        super().__init__(f"ssh to {name}", "Log in", "log in", "")
        self._addresses = addresses
        self._user, self._port = kept
        self._jump, self._is_behind = jump, is_behind

    def on_mount(self) -> None:
        """Begin with what is known."""
        super().on_mount()
        self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[SshLogin]:
        """The fields, and the command line."""
        known = tuple(Option(address) for address in self._addresses)
        address = entered.get("address", self._addresses[0] if self._addresses else "")
        user = entered.get("user", self._user)
        port = entered.get("port", str(self._port))
        fields = [
            FormField("user", "user", user, note="of the guest"),
            FormField("port", "port", port),
            FormField("address", "address", address, known, note="of the guest"),
        ]
        way = DIRECT
        if self._jump:
            way = entered.get("way", self._jump if self._is_behind else DIRECT)
            ways = (Option(DIRECT), Option(self._jump, "its host"))
            fields.append(FormField("way", "way", way, ways, only=True))
        about = "It asks for itself on the next page; nothing of that is kept here."
        try:
            wanted = login(address, user, port, "" if way == DIRECT else self._jump)
        except InvalidInput as error:
            return FormState(tuple(fields), error=error.message, about=about)
        return FormState(tuple(fields), wanted, (wanted.title,), wanted.title, about=about)
