"""What imports declare to the journal: the sealed files that wait for a person, and what an erased patient takes along."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from permanence.consultations.permissions import guards
from permanence.interop import readings
from permanence.interop.actions import staging, working
from permanence.interop.permissions import check_line, forget_main
from permanence.journal import folder
from permanence.journal.registry import blob_source, projection, withhold
from permanence.lib.sqlcipher import run


@blob_source
def cited() -> Iterator[tuple[bytes, bytes]]:
    """Files that found no patient yet."""
    yield from run("default", "SELECT blob_hash, blob_key FROM interop_issue WHERE blob_hash IS NOT NULL").fetchall()


@projection("interop.filet")
def main_changed(object_id: UUID, row: Mapping[str, Any] | None) -> None:
    """Which software is the main one is felt at once by every page."""
    transaction.on_commit(forget_main)


withhold("interop.issue")
guards.append(check_line)
folder.at_seal.append(readings.forget)
folder.at_seal.append(staging.forget)
folder.at_seal.append(working.forget)
