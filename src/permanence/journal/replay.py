"""Erasures that a restored practice has not heard of: replayed from `seal/erased.cbor` before anything is served."""

import logging
from collections.abc import Iterable
from uuid import UUID

from permanence.journal import actions
from permanence.journal.doors import Actor
from permanence.lib.sqlcipher import run

log = logging.getLogger(__name__)


def erasures(commitments: Iterable[bytes]) -> int:
    """Erase every patient whose key was destroyed and is here again, each by an order in the journal; how many there were.

    A commitment is a hash of a random key: who can write in `seal/` without the database cannot name one (keyring.md).
    """
    back = {row[0] for commitment in commitments for row in run(
        "default", "SELECT ref FROM journal_key WHERE commitment = ? AND label = 'patient' AND wrapped IS NOT NULL",
        commitment).fetchall()}
    for patient in sorted(back):
        actions.erase(UUID(bytes=patient), reason="replayed", by=Actor.machine("restore"))
    if back:
        log.warning("erasures replayed", extra={"kind": "folder.replayed"})
    return len(back)


def erased() -> list[bytes]:
    """The commitments of every patient key destroyed here."""
    return [row[0] for row in run("default", "SELECT commitment FROM journal_key WHERE label = 'patient' AND wrapped IS NULL")]
