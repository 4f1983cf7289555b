"""This very machine among the replicas: it names itself at the first opening, and again when it had to take a new id."""

import logging
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


def opened(folder: Folder) -> None:
    """At each unlocking. A failure keeps nobody from working: it is tried again at the next one."""
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
                _introduce(folder, former)
        elif Practice.objects.exists() and not Peer.objects.exists():  # one that joins is introduced by who lets it in
            _introduce(folder, None)
    except Exception:
        log.exception("this machine could not name itself")


def _introduce(folder: Folder, former: tuple[UUID, bytes] | None) -> None:
    v, transport, record = vault.current(), Transport.load(folder.seal_path), folder.record()
    row = Replica.objects.filter(id=former[0]).first() if former else None
    vouched = suite.sign(rules.LABEL + v.verify_key, former[1]) if former else None
    actions.introduce_oneself(
        name=row.name if row else rules.KINDS["office"], kind=row.kind if row else "office", hosts=record.hosts,
        transport=transport.verify_key, box=transport.public, origin=_origin(folder),
        succeeds=former[0] if former else None, vouched=vouched,
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
