"""What rooms declare to the journal: derived tables, what an erasure must also remove. Filled at start, never later."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
Projection = Callable[[UUID, "Row | None"], None]
Eraser = Callable[[UUID], None]

_projections: dict[str, list[Projection]] = {}
_erasers: list[Eraser] = []


def projection(kind: str) -> Callable[[Projection], Projection]:
    """Keep a derived table (a search index) beside a journaled one.

    The function gets the object's id and its row as stored (None: the row is gone), on the writer's connection, inside the
    act's transaction, each time the row is written. It must give the same table whatever the order and the repeats.
    """
    def declare(function: Projection) -> Projection:
        _projections.setdefault(kind.lower(), []).append(function)
        return function
    return declare


def eraser(function: Eraser) -> Eraser:
    """Remove what is not journaled (drafts, blobs) when a patient is erased. Runs inside the erasing transaction."""
    _erasers.append(function)
    return function


_typings: list[Callable[[UUID], bool]] = []


def typing(function: Callable[[UUID], bool]) -> Callable[[UUID], bool]:
    """Whether somebody is typing about a patient here: a machine that forgets a file leaves it until that is signed or thrown away."""
    _typings.append(function)
    return function


def typings() -> list[Callable[[UUID], bool]]:
    return _typings


def projections(kind: str) -> list[Projection]:
    return _projections.get(kind, [])


def erasers() -> list[Eraser]:
    return _erasers


Finder = Callable[[UUID, UUID], bool]
_finders: dict[str, Finder] = {}


def explains(reason: str) -> Callable[[Finder], Finder]:
    """Declare what can explain that a member opens a file: an appointment, a call to return, a task...

    `reason` is stored in access entries for ever. The function gets member and patient (any file of the person's family) and answers
    from indexed columns only, in one query; it reads ids and states, never content.
    """
    def declare(function: Finder) -> Finder:
        _finders[reason] = function
        return function
    return declare


def finders() -> Mapping[str, Finder]:
    return _finders


_live: dict[str, str] = {}


def live(kind: str, topic: str) -> None:
    """Tell open screens, by id only, when an object of this kind (`room.model`) was written: see `journal.live`."""
    _live[kind.lower()] = topic


def topic_of(kind: str) -> str | None:
    return _live.get(kind.lower())


_withheld: set[str] = set()
_arrivals: dict[str, Callable[[], object]] = {}


def withhold(kind: str) -> None:
    """A limited machine does not keep the content of this kind: it is under the practice's key, and about people without a file there."""
    _withheld.add(kind.lower())


def is_withheld(kind: str) -> bool:
    return kind in _withheld


def arrives(kind: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """After entries of this kind came from another machine: once a batch, in the thread that took it."""
    def declare(function: Callable[[], object]) -> Callable[[], object]:
        _arrivals[kind.lower()] = function
        return function
    return declare


def arrivals(kinds: Collection[str]) -> list[Callable[[], object]]:
    return [function for kind, function in _arrivals.items() if kind in kinds]


BlobSource = Callable[[], Iterable[tuple[bytes, bytes]]]
_blob_sources: list[BlobSource] = []


def blob_source(function: BlobSource) -> BlobSource:
    """What a room's rows cite: (hash, key) of each blob. Copies take them, check them, and keep them while they are cited."""
    _blob_sources.append(function)
    return function


_files: list[Callable[[UUID], Iterable[bytes]]] = []


def patient_files(function: Callable[[UUID], Iterable[bytes]]) -> Callable[[UUID], Iterable[bytes]]:
    """Hashes of the sealed files that an eraser deletes with a patient: who forgets them looks first whether another has each."""
    _files.append(function)
    return function


def files_of(patient: UUID) -> set[bytes]:
    return {hash for function in _files for hash in function(patient)}


coming: list[Callable[[], Collection[bytes]]] = []


def blobs_coming() -> set[bytes]:
    """Files that a row cites and that are still on their way from another machine: a copy is whole without them for now."""
    return {hash for source in coming for hash in source()}


def cited_blobs() -> dict[bytes, bytes]:
    """Every blob that a row of practice.db cites: {hash: key}."""
    return {bytes(hash): bytes(key) for source in _blob_sources for hash, key in source()}
