"""This very machine among the replicas: it names itself at the first opening, and again when it had to take a new id."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from nacl.exceptions import CryptoError

from permanence.accounts.models import Practice
from permanence.journal import keyring, vault
from permanence.journal.doors import Actor
from permanence.journal.folder import Folder
from permanence.journal.seal import Transport
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions, rules
from permanence.sync.models import Peer, Replica

log = logging.getLogger(__name__)


_sheet: bytes | None = None


@contextmanager
def with_sheet(secret: bytes) -> Iterator[None]:
    """While this machine is made anew with the recovery sheet in hand: the sheet vouches for it, whatever became of its former id."""
    global _sheet
    _sheet = secret
    try:
        yield
    finally:
        _sheet = None


def put_back(folder: Folder) -> bool:
    """Whether this folder was laid out from a copy: the machine's own transport key was made anew then, and its row names another.

    What it had written since the copy may live elsewhere, so it goes on under a new id.
    """
    row = Replica.objects.filter(id=UUID(bytes=vault.current().replica)).first()
    return row is not None and bool(row.transport_key) and bytes(row.transport_key) != Transport.load(folder.seal_path).verify_key


def by_sheet(folder: Folder, secret: bytes) -> None:
    """The first entry of a machine made with the recovery sheet: the sheet names it. Does nothing once it is named."""
    if not Replica.objects.filter(id=UUID(bytes=vault.current().replica)).exists():
        _introduce(folder, None, secret)


def opened(folder: Folder) -> None:
    """At each unlocking, before anything else is written. A failure keeps nobody from working: it is tried again at the next one."""
    try:
        v = vault.current()
        here = UUID(bytes=v.replica)
        own = Replica.objects.filter(id=here).values_list("origin", flat=True).first()
        if own is not None:
            if (origin := _origin(folder)) and own != origin:
                actions.tell_origin(origin, by=Actor.machine("sync"))
            return
        if Replica.objects.exists():
            if (former := _former()) is not None:
                _introduce(folder, former, _sheet)
        elif Practice.objects.exists() and not Peer.objects.exists():  # one that joins is introduced by who lets it in
            _introduce(folder, None)
    except Exception:
        log.exception("this machine could not name itself")


def _introduce(folder: Folder, former: tuple[UUID, bytes] | None, sheet: bytes | None = None) -> None:
    v, transport, record = vault.current(), Transport.load(folder.seal_path), folder.record()
    row = Replica.objects.filter(id=former[0]).first() if former else None
    name, kind, vouched = rules.KINDS["office"], "office", None
    if row is not None:
        name, kind = row.name, row.kind
    if sheet is not None:
        taken = Replica.objects.filter(revoked_at=None).values_list("name", flat=True)
        name, former = rules.first_free(list(taken), name), None
        vouched = suite.sign(rules.BY_SHEET + v.practice + v.verify_key, keyring.sheet_voucher(sheet, v.practice))
    elif former is not None:
        vouched = suite.sign(rules.LABEL + v.verify_key, former[1])
    actions.introduce_oneself(name=name, kind=kind, hosts=record.hosts, transport=transport.verify_key, box=transport.public,
                              origin=_origin(folder), succeeds=former[0] if former else None, vouched=vouched,
                              by=Actor.machine("sync"))  # fmt: skip


def _origin(folder: Folder) -> str:
    """Where browsers find this machine; empty for a command, which serves nobody."""
    origin = str(getattr(settings, "PERMANENCE_ORIGIN", ""))
    return origin if urlsplit(origin).hostname in folder.record().hosts else ""


def _former() -> tuple[UUID, bytes] | None:
    """The id before this one and its signing key, which still lies in the key table of a machine that was restored."""
    v = vault.current()
    for replica, epoch, wrapped in run("default", "SELECT ref, epoch, wrapped FROM journal_key WHERE label = 'signing' AND ref <> ?"
                                       " AND wrapped IS NOT NULL ORDER BY rowid DESC", v.replica).fetchall():  # fmt: skip
        try:
            key = keyring.unwrap(wrapped, v.root_of(epoch), v.practice, "signing")
        except CryptoError:
            continue
        if Replica.objects.filter(id=UUID(bytes=replica), revoked_at=None).exists():
            return UUID(bytes=replica), key
    return None
