"""From a recording to the states that a power cut may leave: what was synced is there, the rest is lost, torn or kept.

Since its last sync, each 512-byte sector of a file may hold any of the versions written to it, and its length any of the
lengths it had; names made, renamed or removed since the last sync of their folder may or may not be. Sectors and files are
independent, so any re-ordering between them is among the states; one sector is never half old, half new (disks promise
that), and what a file gained without its data reads as zeros.
"""

import marshal
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECTOR = 512


@dataclass(slots=True)
class Node:
    """One file: what is surely on the disk, and what was written since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # offset and data, or size and None

    def sync(self) -> None:
        self.durable, self.pending = _applied(self.durable, self.pending), []

    def after_cut(self, chance: random.Random) -> bytes:
        """One of its possible contents."""
        way, keep = chance.randrange(6), chance.choice((0.1, 0.5, 0.9))
        if way == 0 or not self.pending:  # all lost
            return bytes(self.durable)
        if way == 1:  # all kept
            return bytes(_applied(self.durable, self.pending))
        if way == 2:  # a prefix, its last write torn
            some = self.pending[: chance.randint(1, len(self.pending))]
            return bytes(_applied(self.durable, [*some[:-1], *(s for s in _sectors(some[-1:]) if chance.random() < 0.5)]))
        if way == 3:  # whole writes, any of them
            return bytes(_applied(self.durable, [op for op in self.pending if chance.random() < keep]))
        return bytes(_applied(self.durable, [op for op in _sectors(self.pending) if chance.random() < keep]))


def _applied(content: bytearray, operations: list[tuple[int, bytes | None]]) -> bytearray:
    result = bytearray(content)
    for place, data in operations:
        end = place if data is None else place + len(data)
        if end > len(result):
            result.extend(bytes(end - len(result)))
        if data is None:
            del result[place:]
        else:
            result[place:end] = data
    return result


def _sectors(operations: list[tuple[int, bytes | None]]) -> Iterator[tuple[int, bytes | None]]:
    for place, data in operations:
        if data is None:
            yield place, None
            continue
        start = 0
        while start < len(data):
            end = min(len(data), start + SECTOR - (place + start) % SECTOR)
            yield place + start, data[start:end]
            start = end


@dataclass(slots=True)
class Disk:
    """The folder as recorded so far."""

    base: Path
    nodes: dict[int, Node] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)  # surely on the disk
    pending: list[tuple[str, ...]] = field(default_factory=list)  # creations, renames, removals since
    acknowledged: list[bytes] = field(default_factory=list)

    def play(self, event: tuple[Any, ...]) -> None:
        match event:
            case ("base", node, name):
                self.nodes[node] = Node(bytearray((self.base / name).read_bytes()))
                self.names[name] = node
            case ("create", node, name):
                self.nodes[node] = Node()
                self.pending.append(("create", name, node))
            case ("write", node, offset, data):
                self.nodes[node].pending.append((offset, data))
            case ("size", node, size):
                self.nodes[node].pending.append((size, None))
            case ("sync", node):
                self.nodes[node].sync()
            case ("unlink", _) | ("rename", _, _):
                self.pending.append(event)
            case ("dirsync", folder):
                here = [op for op in self.pending if _folder(op) == folder]
                self.pending = [op for op in self.pending if _folder(op) != folder]
                _rename(self.names, here)
            case ("ack", what):
                self.acknowledged.append(what)
            case _:
                raise ValueError(f"unknown event {event[0]}")

    def after_cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the folders that a power cut may leave now."""
        names, way = dict(self.names), chance.randrange(3)
        if way == 0:  # in order, as journaling file systems do
            _rename(names, self.pending[: chance.randint(0, len(self.pending))])
        elif way == 1:  # any of them
            _rename(names, [op for op in self.pending if chance.random() < 0.5])
        else:
            _rename(names, self.pending)
        contents = {node: self.nodes[node].after_cut(chance) for node in sorted(set(names.values()))}
        return {name: contents[node] for name, node in names.items()}


def _folder(operation: tuple[Any, ...]) -> str:
    return os.path.dirname(operation[2] if operation[0] == "rename" else operation[1])


def _rename(names: dict[str, int], operations: list[tuple[Any, ...]]) -> None:
    for operation in operations:
        match operation:
            case ("create", name, node):
                names[name] = node
            case ("unlink", name):
                names.pop(name, None)
            case ("rename", old, new) if old in names:
                names[new] = names.pop(old)


@dataclass(frozen=True, slots=True)
class State:
    """A folder after a power cut at the event `at`, and what had been acknowledged by then."""

    at: int
    files: dict[str, bytes]
    acknowledged: tuple[bytes, ...]

    def write(self, folder: Path) -> None:
        """Make `folder` this state: what else it held is removed."""
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        for name, content in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)


def events(log: Path) -> list[tuple[Any, ...]]:
    found = []
    with log.open("rb") as file:
        while True:
            try:
                found.append(marshal.load(file))  # noqa: S302  # our own recording
            except EOFError:
                return found


def states(base: Path, log: Path, *, count: int, seed: int = 0) -> Iterator[State]:
    """`count` states over the whole recording, the same ones for the same seed. `base`: the folder before it began."""
    chance, recorded, disk = random.Random(seed), events(log), Disk(base)
    untouched = {str(path.relative_to(base)): path.read_bytes() for path in base.rglob("*") if path.is_file()}
    moments = sorted(chance.randint(1, len(recorded)) for _ in range(count))
    played = 0
    for moment in moments:
        for event in recorded[played:moment]:
            disk.play(event)
            if event[0] == "base":
                untouched.pop(event[2], None)
        played = moment
        yield State(moment, {**untouched, **disk.after_cut(chance)}, tuple(disk.acknowledged))


def copy(folder: Path, to: Path) -> Path:
    """A base: the folder's files before the recording."""
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("*-shm"))
    return to
