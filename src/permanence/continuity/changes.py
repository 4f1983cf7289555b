"""What continuity declares to the journal: the counts that pages show, the scans that wait, and what goes when a patient goes."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from permanence.continuity import exercising
from permanence.continuity.models import pages
from permanence.continuity.queries.forms import forget
from permanence.documents import blobs
from permanence.journal import folder, registry

registry.withhold("continuity.kitkey")  # it opens the evening kits, which lie on sticks beside
registry.withhold("continuity.scannedpage")  # nobody knows yet whose it is
registry.live("continuity.formreturn", "forms")
registry.live("continuity.scannedpage", "forms")
folder.before_seal.append(lambda _: exercising.stop())


@registry.projection("continuity.kitcopy")
@registry.projection("continuity.formreturn")
@registry.projection("continuity.caughtup")
def changed(object_id: UUID, row: Mapping[str, Any] | None) -> None:
    """A form came back, here or on another machine."""
    transaction.on_commit(forget)


@registry.projection("continuity.scannedpage")
def page_changed(object_id: UUID, row: Mapping[str, Any] | None) -> None:
    """A page came, has another number, or waits no more, here or on another machine: then its bytes go."""
    transaction.on_commit(forget)
    if row and row["blob_hash"] and (row["removed"] or row["dropped_as"] == row["number"]):
        transaction.on_commit(lambda hash=bytes(row["blob_hash"]): blobs.forget(hash), robust=True)  # type: ignore[misc]


@registry.blob_source
def cited() -> Iterator[tuple[bytes, bytes]]:
    """Scanned pages that wait for their patient."""
    yield from ((bytes(hash), bytes(key)) for hash, key in pages().values_list("blob_hash", "blob_key") if hash and key)
