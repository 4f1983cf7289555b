"""What rooms declare to the journal: derived tables, what an erasure must also remove. Filled at start, never later."""

from collections.abc import Callable, Mapping
from pathlib import Path
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


BlobCheck = Callable[[Path], tuple[int, list[str]]]
_blob_checks: list[BlobCheck] = []


def blob_check(function: BlobCheck) -> BlobCheck:
    """How a room's blobs are checked in a folder: how many are cited, and the names of those absent or damaged."""
    _blob_checks.append(function)
    return function


def blob_checks() -> list[BlobCheck]:
    return _blob_checks
