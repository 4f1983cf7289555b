"""What rooms declare to the journal: derived tables, what an erasure must also remove. Filled at start, never later."""

from collections.abc import Callable, Iterable, Mapping
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


def projections(kind: str) -> list[Projection]:
    return _projections.get(kind, [])


def erasers() -> list[Eraser]:
    return _erasers


BlobSource = Callable[[], Iterable[tuple[bytes, bytes]]]
_blob_sources: list[BlobSource] = []


def blob_source(function: BlobSource) -> BlobSource:
    """What a room's rows cite: (hash, key) of each blob. Copies take them, check them, and keep them while they are cited."""
    _blob_sources.append(function)
    return function


def cited_blobs() -> dict[bytes, bytes]:
    """Every blob that a row of practice.db cites: {hash: key}."""
    return {bytes(hash): bytes(key) for source in _blob_sources for hash, key in source()}
