"""The password of a user of one or several guests: asked for twice, never shown."""

from __future__ import annotations

from collections.abc import Sequence

from virttui.modals.base.form import FormDialog, FormState
from virttui.model.form_fields import FormField
from virttui.model.identity import ObjectId
from virttui.model.queries import GuestAgentQuery, GuestAgentResult, QueryResult
from virttui.model.secret_value import SecretBytes
from virttui.panes.guest_agent.users import user_error
from virttui.planning.domain_spec.password_hash import MAX_LENGTH


class PasswordDialog(FormDialog[tuple[str, SecretBytes]]):
    """Returns the user and the password, or None; then ``windows`` are the guests whose agent
    takes no hash. ``asks`` are the guests of which that is not known yet."""

    WIDTH = 66

    def __init__(
        self, name: str, user: str, windows: Sequence[ObjectId], asks: Sequence[ObjectId]
    ) -> None:
        super().__init__(f"a password inside {name}", "Set", "set it", "")
        self._asks = asks
        self.windows = set(windows)
        if user:
            self._entered["user"] = user

    def on_mount(self) -> None:
        """Ask which of them take no hash."""
        super().on_mount()
        for key in self._asks:
            self.console.ask(GuestAgentQuery(key))
        self.recompute()

    def on_query_result(self, result: QueryResult) -> None:
        """Note a guest that takes no hash."""
        if isinstance(result, GuestAgentResult) and result.report is not None:
            if result.report.is_windows:
                self.windows.add(result.query.key)
            self.recompute()

    def evaluate(self, entered: dict[str, str]) -> FormState[tuple[str, SecretBytes]]:
        """The user, and the password twice."""
        user = entered.get("user", "root")
        password, again = entered.get("password", ""), entered.get("again", "")
        fields = (
            FormField("user", "user", user, note="of the guest"),
            FormField("password", "password", password, hidden=True, note="never kept"),
            FormField("again", "once more", again, hidden=True),
        )
        error = user_error(user)
        if not error and not password:
            error = "type the password"
        elif not error and ("\0" in password or len(password.encode()) > MAX_LENGTH):
            error = "that is too long for a password"
        elif not error and password != again:
            error = "type it once more" if not again else "the two differ"
        about = "It leaves this program as a hash, over the host's connection to the agent."
        if self.windows:
            about = "Windows takes no hash: libvirt and the agent get it as it is typed."
        if error:
            return FormState(fields, error=error, about=about)
        return FormState(fields, (user, SecretBytes(password.encode())), about=about)
