"""The smaller messages between replicas and relay, as bytes: lists of rows, heads, segments of access, states. See `exchange` for batches.

Specified in `docs/format/exchange.md`. Every list is the map {1: version, 2: rows}.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from permanence.journal.exchange import FORMAT, Malformed, shaped
from permanence.journal.witness import Point, Shown, Verdict
from permanence.lib import cbor

MOST_ROWS = 5_000  # of one message; who has more asks again
MOST_HEADS = 200  # that may be shown at once
MOST_OFFERED = 25  # segments of each replica named in one answer
KINDS = ("office", "hosted", "laptop", "limited", "sheet")  # what a transport key speaks for
ADMITTING = ("office", "hosted", "sheet")  # the kinds that may name another key; a laptop is stolen more easily


def rows(found: Iterable[Sequence[Any]]) -> bytes:
    """A list of rows as it is written."""
    return cbor.dumps({1: FORMAT, 2: [list(row) for row in found]})


def rows_of(data: bytes, *kinds: type, most: int = MOST_ROWS) -> list[list[Any]]:
    """The rows, each with values of these types. Raises Malformed."""
    found: list[list[Any]] = shaped(data, {1: int, 2: list})[2]
    if len(found) > most or any(type(row) is not list or tuple(map(type, row)) != kinds for row in found):
        raise Malformed("rows")
    return found


def hashes(found: Iterable[bytes]) -> bytes:
    """Hashes of blobs as they are written."""
    return rows([one] for one in found)


def hashes_of(data: bytes) -> list[bytes]:
    """Raises Malformed."""
    found = [row[0] for row in rows_of(data, bytes)]
    if any(len(one) != 32 for one in found):
        raise Malformed("hashes")
    return found


@dataclass(frozen=True, slots=True)
class Segment:
    """Access entries `first` to `last` of a replica, sealed in one file. Without `size` and `hash` (SHA-256) when only asked for."""

    replica: bytes
    first: int
    last: int
    size: int = 0
    hash: bytes = b""

    @property
    def path(self) -> str:
        """Its address under the base."""
        return f"access/{self.replica.hex()}/{self.first}-{self.last}"


_RANGE = re.compile(r"([1-9][0-9]{0,17})-([1-9][0-9]{0,17})")


def segment_at(replica: str, span: str) -> Segment | None:
    """The segment that an address names; None for none."""
    found = _RANGE.fullmatch(span)
    if not re.fullmatch(r"[0-9a-f]{32}", replica) or found is None or int(found[1]) > int(found[2]):
        return None
    return Segment(bytes.fromhex(replica), int(found[1]), int(found[2]))


def _rows_of_segments(found: Iterable[Segment]) -> list[list[Any]]:
    return [[one.replica, one.first, one.last, one.size, one.hash] for one in found]


def _segments_of(rows: Any) -> tuple[Segment, ...]:
    shape = [bytes, int, int, int, bytes]
    if len(rows) > MOST_ROWS or any(type(row) is not list or list(map(type, row)) != shape for row in rows):
        raise Malformed("segments")
    found = tuple(Segment(*row) for row in rows)
    if any(len(one.replica) != 16 or len(one.hash) != 32 or not 1 <= one.first <= one.last or one.size < 0 for one in found):
        raise Malformed("segments")
    return found


@dataclass(frozen=True, slots=True)
class Reads:
    """What somebody has of the access streams: the newest whole segment of each replica, and how far each says that it has read."""

    newest: tuple[Segment, ...] = ()
    heads: tuple[bytes, ...] = ()  # of the chains themselves, signed by their replicas; a relay keeps none

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: _rows_of_segments(self.newest), 3: list(self.heads)})

    @classmethod
    def decode(cls, data: bytes) -> "Reads":
        """Raises Malformed. The heads themselves are not checked."""
        found = shaped(data, {1: int, 2: list, 3: list})
        if len(found[3]) > MOST_HEADS or any(type(one) is not bytes for one in found[3]):
            raise Malformed("heads")
        return cls(_segments_of(found[2]), tuple(found[3]))


@dataclass(frozen=True, slots=True)
class Offered:
    """The answer: the first segments that the asker lacks, oldest first, or whose place it has in other bytes; and what they have."""

    segments: tuple[Segment, ...]
    theirs: Reads

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: _rows_of_segments(self.segments), 3: self.theirs.encode()})

    @classmethod
    def decode(cls, data: bytes) -> "Offered":
        """Raises Malformed."""
        found = shaped(data, {1: int, 2: list, 3: bytes})
        return cls(_segments_of(found[2]), Reads.decode(found[3]))


def heads(found: Iterable[Shown]) -> bytes:
    """Heads as they are written."""
    return rows(one.row() for one in found)


def heads_of(data: bytes, *, most: int = MOST_ROWS) -> list[Shown]:
    """Raises Malformed."""
    found = shaped(data, {1: int, 2: list})[2]
    if len(found) > most:
        raise Malformed("heads")
    return [Shown.of(row) for row in found]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a head that was shown, in the order of the question. `known`: the size (and root) that a proof must reach."""

    replica: bytes
    stream: int
    size: int
    verdict: Verdict
    known: Point | None = None


def judged(found: Iterable[Judged]) -> bytes:
    """Verdicts as they are written."""
    return rows([one.replica, one.stream, one.size, str(one.verdict), one.known.size if one.known else 0,
                 one.known.root if one.known else b""] for one in found)  # fmt: skip


def judged_of(data: bytes) -> list[Judged]:
    """Raises Malformed."""
    found = []
    for replica, stream, size, verdict, known, root in rows_of(data, bytes, int, int, str, int, bytes):
        if verdict not in tuple(Verdict):
            raise Malformed("verdict")
        found.append(Judged(replica, stream, size, Verdict(verdict), Point(known, root) if known else None))
    return found


@dataclass(frozen=True, slots=True)
class Status:
    """What the one asked says of itself. `until`: its place of the last entry that came to it; `most_bytes` 0: no limit of its own."""

    witness: bytes  # the public key that countersigns heads here; empty: nobody does
    until: int
    mode: str = "full"  # or "witness": heads and nothing else
    used_bytes: int = 0
    most_bytes: int = 0
    entries: int = 0
    aside: int = 0  # entries and heads put aside with their reason

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: self.witness, 3: self.until, 4: self.mode, 5: self.used_bytes, 6: self.most_bytes,
                           7: self.entries, 8: self.aside})  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> "Status":
        """Raises Malformed."""
        found = shaped(data, {1: int, 2: bytes, 3: int, 4: str, 5: int, 6: int, 7: int, 8: int})
        return cls(*(found[key] for key in range(2, 9)))


def refusal(code: str, sentence: str) -> bytes:
    """The body of an answer that is not 200."""
    return cbor.dumps({1: FORMAT, 2: code, 3: sentence})
