"""What accounts declare to the journal: any change of a member, a post or a passkey is felt at once by every session."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from permanence.accounts import live
from permanence.journal import registry


@registry.projection("accounts.member")
@registry.projection("accounts.post")
@registry.projection("accounts.practice")
def changed(object_id: UUID, row: Mapping[str, Any] | None) -> None:
    """An entry, ours or another replica's, touched the accounts."""
    live.forget_after_commit()
