"""What a replica asks of the relay or of another replica: the protocol of `docs/format/exchange.md`, typed. One question at a time.

Every method raises `lib.peers`' Unreachable, Refused and Malformed, and nothing else of the network.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

from permanence.journal import exchange, messages
from permanence.journal.exchange import Asked, Batch, Given, Place, Pushed
from permanence.journal.messages import Judged, Offered, Reads, Segment, Status
from permanence.journal.witness import Shown
from permanence.lib import cbor, suite
from permanence.lib.peers import RAW, Line, Malformed, Refused, Unreachable

__all__ = ["Malformed", "Peer", "Refused", "Unreachable"]
_T = TypeVar("_T")


class Peer(Line):
    """One relay (base address `https://relay.example/<practice id in hexadecimal>/`), or another replica on the local network."""

    # -- entries

    def push(self, batch: Batch) -> Pushed:
        """Give entries; asking again is harmless."""
        return _read(Pushed.decode, self.ask("POST", "entries", batch.encode()))

    def pull(self, asked: Asked) -> Given:
        """What came there and is not held here."""
        return _read(Given.decode, self.ask("POST", "entries/wanted", asked.encode()))

    def pull_ahead(self, asked: Asked) -> Callable[[], Given]:
        """The same, asked at once by a thread of its own; the answer, or what it raised, is had by calling what this returns."""
        answer: Future[Given] = Future()
        Thread(target=_settle, args=(answer, lambda: self.pull(asked)), name="sync-ahead", daemon=True).start()
        return answer.result

    def news(self) -> Iterator[int]:
        """For ever, each time more came there: the place up to which there is more. Ends when `close` is called or they end it."""
        for data in self.events():
            if not data.isdecimal() or len(data) > 18:
                raise Malformed("event")
            yield int(data)

    # -- blobs

    def missing_blobs(self, hashes: Collection[bytes]) -> set[bytes]:
        """Those of these hashes whose blob they have not."""
        found: set[bytes] = set()
        asked = sorted(hashes)
        for at in range(0, len(asked), messages.MOST_ROWS):
            found.update(_read(messages.hashes_of, self.ask("POST", "blobs/missing", messages.hashes(asked[at:at + messages.MOST_ROWS]))))
        return found & set(asked)

    def get_blob(self, hash: bytes) -> bytes:
        """The sealed bytes of that hash. Raises Malformed when they are others, Refused 404."""
        data = self.ask("GET", f"blobs/{hash.hex()}")
        if suite.sha256(data) != hash:
            raise Malformed("another blob than the one asked for")
        return data

    def put_blob(self, hash: bytes, data: bytes) -> None:
        """Give the sealed bytes of that hash."""
        self.ask("PUT", f"blobs/{hash.hex()}", data, kind=RAW)

    # -- heads

    def heads(self) -> list[Shown]:
        """The largest head they accepted of each chain, countersigned. The caller checks signatures and judges (`journal.witness`)."""
        return _read(messages.heads_of, self.ask("GET", "heads"))

    def put_heads(self, shown: Iterable[Shown]) -> list[Judged]:
        """Show heads; the answers say which want a proof, and to which size."""
        asked = list(shown)
        parts = [asked[at:at + messages.MOST_HEADS] for at in range(0, len(asked), messages.MOST_HEADS)]
        return [one for part in parts for one in _read(messages.judged_of, self.ask("POST", "heads", messages.heads(part)))]

    def roots(self) -> dict[Place, tuple[int, bytes]]:
        """Of a replica: the size and the root of every chain that it holds, its own and the others'."""
        found = _read(lambda data: messages.rows_of(data, bytes, int, int, bytes), self.ask("GET", "roots"))
        return {(replica, stream): (size, root) for replica, stream, size, root in found}

    # -- segments of access

    def reads(self, mine: Reads) -> Offered:
        """Which segments are lacking here, and what they have."""
        return _read(Offered.decode, self.ask("POST", "access/wanted", mine.encode()))

    def get_segment(self, segment: Segment) -> bytes:
        """Its sealed bytes. Raises Malformed when they are not those of its hash, if it has one; Refused 404."""
        data = self.ask("GET", segment.path)
        if segment.hash and suite.sha256(data) != segment.hash:
            raise Malformed("another segment than the one asked for")
        return data

    def put_segment(self, segment: Segment, data: bytes) -> None:
        """Give it. Refused 409 when they hold these entries already, in other bytes."""
        self.ask("PUT", segment.path, data, kind=RAW)

    # -- what is left for who rebuilds

    def practices_of_sheet(self) -> list[bytes]:
        """Asked of a relay itself, under its bare address: whose recovery sheet this line's key is. Refused 403: of nobody there."""
        found = [bytes(row[0]) for row in _read(lambda data: messages.rows_of(data, bytes), self.ask("GET", "sheet"))]
        if any(len(practice) != 16 for practice in found):
            raise Malformed("practice")
        return found

    def seals(self) -> dict[bytes, bytes]:
        """The last record that each replica left (`docs/format/deposit.md`), by its id."""
        return {replica: record for replica, record in _read(lambda data: messages.rows_of(data, bytes, bytes), self.ask("GET", "seals"))}

    def put_seal(self, replica: bytes, record: bytes) -> None:
        """Leave a replica's record, whole; an empty one takes the former away."""
        self.ask("PUT", "seals", messages.rows([[replica, record]]))

    # -- who may speak, and how it goes

    def status(self) -> Status:
        """What they say of themselves."""
        return _read(Status.decode, self.ask("GET", "status"))

    def register(self, code: str, kind: str) -> Status:
        """First contact with a relay: a one-use code makes this transport key speak for the practice."""
        return _read(Status.decode, self.ask("POST", "register", messages.rows([[code, kind]])))

    def keys(self) -> list[tuple[bytes, str, bool]]:
        """The transport keys known there: key, kind, whether it may still speak."""
        found = _read(lambda data: messages.rows_of(data, bytes, str, bool), self.ask("GET", "keys"))
        return [(key, kind, active) for key, kind, active in found]

    def add_key(self, key: bytes, kind: str) -> None:
        """Let another replica's transport key speak."""
        self.ask("POST", "keys", messages.rows([[key, kind]]))

    def remove_key(self, key: bytes) -> None:
        """From now on that key is refused."""
        self.ask("POST", "keys/removed", messages.rows([[key]]))

    def aside(self) -> list[tuple[str, bytes, int, int, str, bytes]]:
        """What they put aside: what it is (`entry`, `head`), replica, stream, sequence or size, why, its bytes."""
        found = _read(lambda data: messages.rows_of(data, str, bytes, int, int, str, bytes), self.ask("GET", "aside"))
        return [(what, replica, stream, seq, why, data) for what, replica, stream, seq, why, data in found]


def _settle(answer: Future[_T], ask: Callable[[], _T]) -> None:
    try:
        answer.set_result(ask())
    except BaseException as error:
        answer.set_exception(error)


def _read(decode: Callable[[bytes], _T], data: bytes) -> _T:
    """One kind of Malformed for the caller."""
    try:
        return decode(data)
    except (exchange.Malformed, cbor.Malformed) as error:
        raise Malformed(str(error)) from error
