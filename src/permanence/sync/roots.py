"""A new root of the practice is drawn when somebody is shut out, told to every machine that is heard, and taken by each (ADR 44).

Whatever is written or not when a machine stops, the next look goes on from what the entries say: nothing else is remembered.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

from django.db import connections
from nacl.exceptions import CryptoError

from permanence.journal import arrival, epochs, keyring, keys, keys_in, peers, vault, writer
from permanence.journal.doors import Actor
from permanence.journal.exchange import Asked
from permanence.journal.folder import Folder
from permanence.journal.seal import Transport
from permanence.lib import clock, host, suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries, rules
from permanence.sync.queries import roots as told
from permanence.sync.queries.roots import Drawn

log = logging.getLogger(__name__)
EVERY_S, RETRY_S = 1.0, 60.0
LATE_S = 600.0  # whose turn it was may be gone for good: the next machine does it
BOX = "box"  # the label of the private half
_INFO = b"permanence/root-box/v1\0"
_BY = Actor.machine("sync")
_waiting: dict[object, float] = {}  # what is another machine's turn, and since when, by the monotonic clock


def forget() -> None:
    """At seal."""
    _waiting.clear()


def tend(folder: Folder) -> None:
    """All that is to be done now. Raises what the writer and the folder raise; asked again, it goes on."""
    if vault.current().limited is not None:  # its root is its own, and nobody tells it the practice's
        return
    learn(folder)
    if not told.is_named():
        return
    if _is_due():
        _draw(folder)
        learn(folder)
    _hand_on(folder)
    _tell()


def after_slots(folder: Folder) -> None:
    """A slot may have gone: where it was decided here, the new root is drawn at once. Otherwise whose turn it is sees it within seconds,
    and no request of another machine waits for it."""
    here = UUID(bytes=vault.current().replica)
    if told.is_named() and here in told.authors(told.to_shut().values()) and _is_due():
        _draw(folder)
        learn(folder)


# -- taking


def learn(folder: Folder) -> None:
    """Take the roots that are sealed to this machine. The latest becomes its own; the others open keys that come wrapped under them."""
    v = vault.current()
    unknown = [one for one in told.drawn() if not v.knows(one.epoch)]
    if unknown:
        boxes, found = told.boxes_for(UUID(bytes=v.replica)), dict[int, bytes]()
        for one in unknown:
            root = next((root for id, box in boxes if id == one.id and (root := _opened(folder, one, box)) is not None), None)
            if root is not None:
                found[one.epoch] = root
        take(folder, found)
    keys_in.settle_apart()


def take(folder: Folder, roots: Mapping[int, bytes]) -> None:
    """Keep these roots, by epoch: the latest is this machine's when it is later than its own."""
    v = vault.current()
    new = {epoch: root for epoch, root in roots.items() if not v.knows(epoch)}
    last = max(new, default=0)
    beside = {epoch: root for epoch, root in new.items() if epoch < max(last, v.epoch)}
    if beside:
        writer.current().run_job(lambda: epochs.remember_all(beside), name="roots:beside")
        vault.use(replace(vault.current(), roots={**vault.current().roots, **beside}))
    if last > v.epoch:
        folder.new_epoch(coming=(last, new[last]))


def _opened(folder: Folder, drawn: Drawn, box: bytes) -> bytes | None:
    v, transport = vault.current(), Transport.load(folder.seal_path)
    info = _info(drawn.id, drawn.epoch, UUID(bytes=v.replica))
    for private in _privates():
        try:
            root = suite.hpke_open(private, suite.hpke_open(transport.private, box, info), info)
        except (CryptoError, ValueError):
            continue
        if keyring.root_check(root, v.practice, drawn.epoch) == drawn.mark:
            return root
    return None


def _info(root: UUID, epoch: int, replica: UUID) -> bytes:
    return _INFO + vault.current().practice + root.bytes + epoch.to_bytes(4, "big") + replica.bytes


# -- this machine's own key for roots


def _privates() -> list[bytes]:
    """Under the root, so that a disk and a former database key do not give it; the newest first."""
    v = vault.current()
    rows = run("default", "SELECT wrapped, epoch FROM journal_key WHERE label = ? ORDER BY rowid DESC", BOX).fetchall()
    return [keyring.unwrap(wrapped, v.root_of(epoch), v.practice, BOX) for wrapped, epoch in rows]


def _public() -> bytes:
    """The public half, of a pair made at the first need."""
    found = _privates()
    if not found:
        public, private = suite.x25519_pair()
        writer.current().run_job(lambda: keys.keep(private, BOX, public[:16]), name="roots:pair")
        return public
    return suite.x25519_public(found[0])


def _tell() -> None:
    v, drawn = vault.current(), told.drawn()
    if len(told.heard_kinds()) > 1:
        said = _public(), v.epoch if drawn else None, sorted({one.epoch for one in drawn if not v.knows(one.epoch)})
        if told.said_here() not in (None, said):  # asked first: a write, each second, would pass for somebody at work
            actions.tell_root_key(*said, by=_BY)


# -- drawing


def _is_due() -> bool:
    """Whether somebody is to be shut out, or two roots have one number, and it is this machine's turn."""
    v, last = vault.current(), told.latest()
    behind = last is not None and last.epoch > v.epoch
    gone, torn = told.to_shut(), told.is_torn()
    if not (gone or behind or torn):
        return False
    here, kinds = UUID(bytes=v.replica), told.heard_kinds() or {UUID(bytes=v.replica): "office"}
    if not behind and rules.draws(here, kinds, told.authors(gone.values())):
        return True
    what = (v.replica, v.epoch, behind, torn, *sorted(gone))
    late = clock.monotonic() - _waiting.setdefault(what, clock.monotonic()) > LATE_S
    return late and not rules.is_portable(kinds.get(here, "office"))


def _draw(folder: Folder) -> None:
    """Told before it is taken: killed in between, this machine finds its own box like everybody else."""
    v, root, id = vault.current(), suite.new_key(), uuid4()
    here, mark = UUID(bytes=v.replica), int.from_bytes(suite.sha256(_INFO, root)[:2], "big")
    epoch = rules.next_epoch((v.epoch, *v.roots, *(one.epoch for one in told.drawn())), mark, alone=not told.ever_beside())
    boxes = {one.id: _sealed(root, id, epoch, one.id, one.transport, one.root) for one in told.recipients() if one.id != here}
    boxes[here] = _sealed(root, id, epoch, here, Transport.load(folder.seal_path).public, _public())
    actions.record_root(id, epoch=epoch, mark=keyring.root_check(root, v.practice, epoch), shut=told.all_shut(), boxes=boxes, by=_BY)
    log.info("a new root is told", extra={"kind": "roots.drawn"})


def _sealed(root: bytes, id: UUID, epoch: int, replica: UUID, transport: bytes, own: bytes) -> bytes:
    """To both keys: one lies in clear beside the practice and in no copy, the other under the root and in every copy."""
    info = _info(id, epoch, replica)
    return suite.hpke_seal(transport, suite.hpke_seal(own, root, info), info)


def _hand_on(folder: Folder) -> None:
    """To machines that lacked a root: they were let in, put back or upgraded while it was drawn."""
    v, last = vault.current(), told.latest()
    here, kinds = UUID(bytes=v.replica), told.heard_kinds()
    if last is None or last.epoch != v.epoch or not rules.draws(here, kinds, (here,)):
        return
    others = [one for one in told.recipients() if one.id != here]
    for root in told.drawn():
        wanting = [one for one in others if one.wants(root, last)] if v.knows(root.epoch) else []
        has = told.handed(root.id) if wanting else set()
        boxes = {one.id: _sealed(v.root_of(root.epoch), root.id, root.epoch, one.id, one.transport, one.root)
                 for one in wanting if one.id not in has}  # fmt: skip
        if boxes:
            actions.hand_on_root(root.id, boxes=boxes, by=_BY)


def ask_for_keys(line: peers.Peer) -> None:
    """Where entries are here whose keys are not, all is asked for again, for keys come beside the entries. Raises peers' errors."""
    since, more = 0, told.holds_all() and _lacks_keys()
    while more:
        given = line.pull(Asked({}, since))
        for batch in given.batches:
            arrival.take(batch, queries.standing)
        since, more = given.until, given.more and _lacks_keys()


def _lacks_keys() -> bool:
    return bool(awaited()) or keys_in.lacking() > 0


def awaited() -> set[bytes]:
    """The keys that entries here cite and that nobody gave."""
    return keys_in.awaited({one.epoch for one in told.drawn()}) if keys_in.noted() else set()


class Tender(threading.Thread):
    """One per open practice that is served."""

    def __init__(self, here: Folder) -> None:
        super().__init__(name="roots", daemon=True)
        self._here, self._stopping = here, threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        host.give_way()
        pause = EVERY_S
        try:
            while not self._stopping.wait(pause):
                try:
                    with self._here.one_epoch():
                        tend(self._here)
                    pause = EVERY_S
                except Exception:
                    if self._stopping.is_set() or vault.is_sealed():
                        return
                    pause = min(2 * pause, RETRY_S)
                    log.exception("the root is not told or taken yet")
        finally:
            connections.close_all()
