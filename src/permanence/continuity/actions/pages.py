"""Scanned pages that wait: kept, told which form they are, put away. Each is an act of its author that every machine takes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from permanence.continuity import rules
from permanence.continuity.actions.known import kit_of, open_form
from permanence.continuity.models import ScannedPage, pages
from permanence.continuity.permissions import check_catch_up
from permanence.documents import blobs
from permanence.journal import actions as journal
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.sync import queries as sync

GONE = "Cette page n’attend plus\u00a0: actualiser la liste."


def keep_scans(scanned: Sequence[tuple[str, bytes]], *, by: Actor) -> list[UUID]:
    """Seal scanned pages on disk until each is filed: (what its code says, JPEG). Returns their ids. Raises Refused."""
    check_catch_up(by)
    kept = []
    for code, data in scanned:
        ref = blobs.store(data)
        kept.append({"number": rules.read_code(code), "hash": ref.hash, "key": ref.key, "size": ref.size, "sha256": ref.sha256})
    return _record(scanned=kept, by=by)


@action
def _record(*, scanned: Sequence[Mapping[str, Any]], by: Actor) -> list[UUID]:
    check_catch_up(by)
    _tidy(by)
    made = []
    for page in scanned:
        known = pages().filter(sha256=page["sha256"], by_id=by.member).first()
        if known is not None:  # the same page sent twice
            transaction.on_commit(lambda hash=bytes(page["hash"]): blobs.forget(hash), robust=True)  # type: ignore[misc]
            made.append(known.id)
            continue
        number = page["number"] if page["number"] and kit_of(page["number"]) else ""
        made.append(ScannedPage.objects.create(number=number, by_id=by.member, at=clock.now(), blob_hash=page["hash"],
                                               blob_key=page["key"], size=page["size"], sha256=page["sha256"]).id)
    return made


@action
def number_scan(scan: UUID, *, by: Actor, number: str) -> str:
    """Say which form a page is whose code could not be read, or was said to be another. Returns the number. Raises Refused."""
    check_catch_up(by)
    found = pages().filter(id=scan).first()
    if found is None:
        raise Refused(GONE, code="unknown")
    found.number = open_form(number)[0]
    found.save()
    return found.number


@action
def drop_scan(scan: UUID, *, by: Actor) -> None:
    """A page that is no form: a blank back, another paper. Its bytes go with it, unless another machine knew better meanwhile."""
    check_catch_up(by)
    for found in pages().filter(id=scan):
        found.dropped_as = found.number
        found.save()


def put_away(page: ScannedPage, *, by: Actor) -> None:
    """Inside an action: it is in a file now, under that patient's key. Its hash is said again: elsewhere the bytes go by that."""
    page.removed = True
    page.save(again=("blob_hash",))
    _destroy(page, by)


def _tidy(by: Actor) -> None:
    """What was filed on a laptop: its orders would wait for a person, so a machine that stays destroys the key."""
    for page in ScannedPage.objects.filter(removed=True, blob_key__isnull=False):
        _destroy(page, by)


def _destroy(page: ScannedPage, by: Actor) -> None:
    own = sync.own()
    if own is None or not sync.is_portable(own.kind):
        journal.prune_entries(page.id, journal.entries_of(page.id), by=by)
