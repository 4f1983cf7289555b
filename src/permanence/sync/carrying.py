"""What goes into the file on a USB stick, and what becomes of it when it is read: a push that nobody answers.

It is sealed to the machines that are heard when it is written; once read it is an arrival like any other, judged entry by entry.
"""

import datetime
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from nacl.exceptions import CryptoError

from permanence.journal import arrival, blobs, chain, departure, exchange, messages, parcel, registry, vault, wire
from permanence.journal.doors import Actor, Refused
from permanence.journal.exchange import Asked, Result, Vector
from permanence.journal.folder import Folder
from permanence.journal.outcomes import DiskFull, is_full
from permanence.journal.parcel import Kind
from permanence.journal.seal import Transport
from permanence.journal.witness import LIES, Shown
from permanence.lib import cbor, clock, suite
from permanence.lib.text import NBSP
from permanence.sync import actions, permissions, queries, rules, witnessing
from permanence.sync.actions.carrying import Counts
from permanence.sync.brought import Brought
from permanence.sync.models import Peer

log = logging.getLogger(__name__)
READ = 256 * 1024  # bytes of a file read at once
SLACK = datetime.timedelta(days=1)  # files that came this long before the last exchange may not have gone with it
WHY = {  # what stopped a file: in two words, then what to do
    "foreign": ("Pas de ce cabinet", f"Ce fichier vient d’un autre cabinet{NBSP}: rien n’en a été lu."),
    "not_for_us": ("Pas pour cette machine",
                   "Ce fichier a été écrit avant que cette machine ne soit du cabinet, ou par une machine qui ne la compte plus. En "
                   f"refaire un{NBSP}: il sera lisible ici."),
    "damaged": ("Fichier abîmé", "Ce n’est pas un fichier de Permanence, ou il a été changé en route. Ce qui précède est sain et gardé"
                f"{NBSP}: refaire le fichier, puis le relire."),
    "cut": ("Fichier incomplet", f"Le fichier s’arrête avant sa fin. Ce qui était entier est gardé{NBSP}: le recopier depuis l’autre "
            "machine, puis le relire."),
    "disk": ("Disque plein", f"Ce qui est arrivé est gardé{NBSP}: libérer de la place sur le disque du cabinet, puis relire le fichier."),
}  # fmt: skip
OLDER = f"Il manque des écritures plus anciennes{NBSP}: sur l’autre machine, emporter tout le dossier, puis relire ici."
NOBODY = f"Aucune autre machine du cabinet n’est connue d’ici{NBSP}: en associer une d’abord."
UNKNOWN = f"Cette machine n’est pas du cabinet, ou n’en est plus{NBSP}: choisir dans la liste."


def filename() -> str:
    """Nothing of the practice: only when it was made (UTC)."""
    return f"{clock.now():%Y-%m-%d-%H%M}.permanence"


# -- writing


@dataclass(slots=True)
class Going:
    """What goes: to whom it is sealed, from which place on, and what was written so far."""

    boxes: list[bytes]
    to: UUID | None
    held: Vector
    since: int
    counts: Counts = field(default_factory=Counts)


def prepare(*, to: UUID | None, whole: bool = False, by: Actor) -> Going:
    """What to write for that machine, as far as is known of it; everything with `whole`, or for whoever it may be. Raises Refused."""
    permissions.check_carry(by)
    boxes = queries.boxes()
    if not boxes:
        raise Refused(NOBODY, code="alone")
    if to is not None and to not in boxes:
        raise Refused(UNKNOWN, code="unknown")
    held, since = ({}, 0) if to is None or whole else queries.last_known(to)
    return Going(list(boxes.values()), to, held, since)


def pieces(folder: Path, going: Going, *, by: Actor) -> Iterator[bytes]:
    """The file, piece by piece, none larger than a batch or a document. It is remembered once its last piece was taken."""
    v, counts = vault.current(), going.counts
    made, cited = parcel.Writer(v.practice, v.control, going.boxes), registry.cited_blobs()
    yield made.head
    about = {1: 1, 2: v.replica, 3: clock.ms(), 4: exchange.listed(arrival.held())}
    yield made.piece(Kind.ABOUT, cbor.dumps({**about, 5: suite.sign(_said(about), v.signing)}))
    files, asked = set(cited) if not going.since else _recent(folder, cited, going.to), Asked(going.held, going.since)
    while True:
        given = departure.give(asked)
        for batch in given.batches:
            counts.entries += len(batch.entries)
            if going.since:
                files |= _cited_in(batch.entries, cited)
            yield made.piece(Kind.BATCH, batch.encode())
        if not given.more:
            break
        asked = Asked(going.held, given.until)
    yield made.piece(Kind.HEADS, messages.heads(Shown(head, v.verify_key) for head in witnessing.own_heads()))
    for hash in sorted(files):
        if blobs.exists(folder, hash):
            counts.files += 1
            yield made.piece(Kind.BLOB, hash + blobs.sealed(folder, hash))
    yield made.piece(Kind.END, cbor.dumps({1: counts.entries, 2: counts.files}))
    counts.whole = True
    actions.record_carried(uuid4(), counts, out=True, replica=going.to, member=by.member)


def _said(about: Mapping[int, object]) -> bytes:
    """What its writer signs: whoever knows the practice's keys could say for another that it lacks nothing."""
    return b"permanence/parcel/about/v1\0" + vault.current().practice + cbor.dumps(dict(about))


def _recent(folder: Path, cited: Iterable[bytes], to: UUID | None) -> set[bytes]:
    """Files that came here about the time of the last exchange or later: entries go before their files."""
    last = Peer.objects.filter(replica=to).values_list("last_at", flat=True).first()
    if last is None:
        return set(cited)
    after = (last - SLACK).timestamp()
    return {hash for hash in cited if (path := folder / wire.blob_name(hash)).is_file() and path.stat().st_mtime >= after}


def _cited_in(entries: Iterable[wire.Sealed], cited: Mapping[bytes, bytes]) -> set[bytes]:
    """The files that these entries name."""
    v, found = vault.current(), set[bytes]()
    for entry in entries:
        try:
            values = chain.open_values(entry.body, wire.open_inner(entry.inner, v.metadata, v.practice, trusted=True)) or {}
        except (wire.Broken, CryptoError):
            continue
        found |= {bytes(value) for value in values.values() if isinstance(value, (bytes, memoryview)) and bytes(value) in cited}
    return found


# -- reading


class Taking:
    """One file that is read. What came before an end that was not expected is kept: batches are whole by themselves."""

    def __init__(self, here: Folder, *, by: Actor) -> None:
        permissions.check_carry(by)
        v = vault.current()
        self.id, self.counts, self._by, self._path = uuid4(), Counts(), by, here.path
        self._reader = parcel.Reader(v.practice, v.control, Transport.load(here.seal_path).private)
        self._from: UUID | None = None
        self._began, self._brought = False, Brought()
        self._cited: dict[bytes, bytes] | None = None

    def all_of(self, source: Iterable[bytes]) -> UUID:
        """To its end, or as far as it is whole; the id of what is remembered of it."""
        try:
            for data in source:
                self._began = True
                for kind, content in self._reader.feed(data):
                    self._take(kind, content)
            self.counts.whole = self._reader.whole and not self._reader.rest
            self.counts.why = "" if self.counts.whole else "cut" if self._began else "damaged"
        except parcel.Foreign:
            self.counts.why = "foreign"
        except parcel.NotForUs:
            self.counts.why = "not_for_us"
        except (parcel.Damaged, exchange.Malformed, cbor.Malformed, wire.Broken):
            self.counts.why = "damaged"
        except DiskFull:
            self.counts.why = "disk"
        except OSError as error:  # the disk here, or a stick that was pulled out
            self.counts.why = "disk" if is_full(error) else "cut"
        self._finish()
        return self.id

    def _take(self, kind: int, content: bytes) -> None:
        if kind == Kind.ABOUT:
            self._about(content)
        elif kind == Kind.BATCH:
            self._batch(content)
        elif kind == Kind.HEADS:
            verdicts = [witnessing.judged(one).verdict for one in messages.heads_of(content, most=messages.MOST_HEADS)]
            self.counts.lies += sum(verdict in LIES for verdict in verdicts)
        elif kind == Kind.BLOB:
            self._blob(content[:32], content[32:])

    def _about(self, content: bytes) -> None:
        said = exchange.shaped(content, {1: int, 2: bytes, 3: int, 4: list})
        if len(said[2]) != 16:
            raise exchange.Malformed("replica")
        self._from, held, known = UUID(bytes=said[2]), exchange.vector(said[4]), queries.known()
        signature, author = said.pop(5, b""), known.get(self._from)
        if author is None or rules.heard(author.id, known) is not None:
            return
        if suite.check_signature(signature, _said(said), author.verify_key):
            actions.record_held(self._from, held)

    def _batch(self, content: bytes) -> None:
        outcomes = arrival.take(exchange.Batch.decode(content), queries.standing).outcomes
        results = [one.result for one in outcomes]
        self._brought.note(outcomes)
        self.counts.entries += results.count(Result.ACCEPTED)
        self.counts.known += results.count(Result.DUPLICATE)
        self.counts.aside += results.count(Result.QUARANTINED)
        self.counts.stuck += results.count(Result.GAP) + results.count(Result.WAITING)

    def _blob(self, hash: bytes, data: bytes) -> None:
        """Only what a row here cites is kept."""
        if self._cited is None:
            self._cited = registry.cited_blobs()
        if hash in self._cited and not blobs.exists(self._path, hash):
            blobs.keep(self._path, hash, data)
            self.counts.files += 1

    def _finish(self) -> None:
        self.counts.absent = sum(not blobs.exists(self._path, hash) for hash in registry.cited_blobs())
        self.counts.to_settle = queries.to_settle_of(self._brought.spans)
        if self.counts.lies:
            log.error("two stories of one chain", extra={"kind": "heads.parcel"})
        actions.record_carried(self.id, self.counts, out=False, replica=self._from, member=self._by.member)
