"""The arguments of a restore."""

from __future__ import annotations

from msgspec import Struct

from virttui.model.identity import ObjectId
from virttui.model.provision.plan import ProvisionPlan


class RestoreArguments(Struct, frozen=True):
    """RESTORE: the backup ``id`` of the domain ``uuid`` in ``pool``, by ``plan``.

    Everything that it needs is read and compared before the plan is carried out.
    """

    pool: ObjectId
    pool_name: str
    uuid: str
    id: str
    plan: ProvisionPlan
