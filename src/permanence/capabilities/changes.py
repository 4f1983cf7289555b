"""What capabilities declare to the journal: a switch, ours or another replica's, is felt by the next request, and by open screens."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from permanence.capabilities import permissions
from permanence.journal import registry

registry.live("capabilities.switch", "services")


@registry.projection("capabilities.switch")
def switched(object_id: UUID, row: Mapping[str, Any] | None) -> None:
    transaction.on_commit(permissions.forget)
