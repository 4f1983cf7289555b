"""What continuity declares to the journal: the counts that pages show, the scans that wait, and what goes when a patient goes."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from permanence.continuity import exercising
from permanence.continuity.queries.forms import forget
from permanence.journal import folder, registry
from permanence.lib.sqlcipher import run

registry.withhold("continuity.kitkey")  # it opens the evening kits, which lie on sticks beside
registry.live("continuity.formreturn", "forms")
folder.before_seal.append(lambda _: exercising.stop())


@registry.projection("continuity.kitcopy")
@registry.projection("continuity.formreturn")
@registry.projection("continuity.caughtup")
def changed(object_id: UUID, row: Mapping[str, Any] | None) -> None:
    """A form came back, here or on another machine."""
    transaction.on_commit(forget)


@registry.blob_source
def cited() -> Iterator[tuple[bytes, bytes]]:
    """Scanned pages that wait for their patient."""
    yield from run("default", "SELECT blob_hash, blob_key FROM continuity_formscan").fetchall()
