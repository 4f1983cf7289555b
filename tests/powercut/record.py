"""Recording, inside a process, every write and every sync to the files of one folder, in one total order.

SQLite is seen where it meets the disk: the open files of its default VFS get our write, truncate, sync and close. Python's
own files are seen at fsync, rename and unlink, with the content they have then. No compiler, no privilege; skipped where
the SQLite library does not export its VFS. Acknowledgements are recorded in the same order, so a state knows what it owes.
"""

import ctypes
import marshal
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import sqlcipher3._sqlite3 as library

P = ctypes.c_void_p
FULL = 13  # SQLITE_FULL
MAY_CREATE = 0x00000004
JOURNALS = 0x00000800 | 0x00004000 | 0x00080000  # unix VFS syncs their folder at the first sync of each such open file
METHODS = ("xClose", "xRead", "xWrite", "xTruncate", "xSync", "xFileSize", "xLock", "xUnlock", "xCheckReservedLock",
           "xFileControl", "xSectorSize", "xDeviceCharacteristics", "xShmMap", "xShmLock", "xShmBarrier", "xShmUnmap",
           "xFetch", "xUnfetch")


class Methods(ctypes.Structure):
    _fields_ = [("iVersion", ctypes.c_int), *((name, P) for name in METHODS)]


class File(ctypes.Structure):
    _fields_ = [("methods", ctypes.POINTER(Methods))]


class Vfs(ctypes.Structure):
    _fields_ = [("iVersion", ctypes.c_int), ("szOsFile", ctypes.c_int), ("mxPathname", ctypes.c_int), ("pNext", P),
                ("zName", ctypes.c_char_p), ("pAppData", P), ("xOpen", P), ("xDelete", P)]


FileP = ctypes.POINTER(File)
CLOSE = ctypes.CFUNCTYPE(ctypes.c_int, FileP)
WRITE = ctypes.CFUNCTYPE(ctypes.c_int, FileP, P, ctypes.c_int, ctypes.c_int64)
TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, FileP, ctypes.c_int64)
SYNC = ctypes.CFUNCTYPE(ctypes.c_int, FileP, ctypes.c_int)
OPEN = ctypes.CFUNCTYPE(ctypes.c_int, P, P, FileP, ctypes.c_int, P)  # the path as a pointer: SQLite reads beyond its end
DELETE = ctypes.CFUNCTYPE(ctypes.c_int, P, P, ctypes.c_int)


def possible() -> bool:
    """Whether this SQLite library lets its VFS be found."""
    return hasattr(ctypes.CDLL(library.__file__), "sqlite3_vfs_find")


class Recorder:
    """Call `start` before the first connection, `ack` for each promise made, `stop` at the end."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._root, self._log = str(folder.resolve()) + os.sep, log
        self._out: BinaryIO | None = None
        self._lock = threading.RLock()
        self._nodes: dict[str, int] = {}  # by path: what a name stands for now
        self._open: dict[int, tuple[int, str, bool]] = {}  # SQLite file -> node, path, folder to sync at first sync
        self._count = 0
        self._keep: list[Any] = []  # ctypes callbacks must outlive their use
        self._copies: dict[int, tuple[Methods, Methods]] = {}
        self.room: int | None = None  # bytes that SQLite may still write before the disk is full; None: no limit

        self.unnamed = 0  # temporary files that SQLite has opened: it removes them itself, so nobody else sees them

    def start(self) -> None:
        self._out = self._log.open("wb")
        self._patch_sqlite()
        self._patch_os()

    def ack(self, what: bytes) -> None:
        with self._lock:
            self._event("ack", what)

    def stop(self) -> None:
        with self._lock:
            assert self._out is not None
            self._out.close()
            self._out = None

    # -- events

    def _event(self, *event: Any) -> None:
        if self._out is not None:
            marshal.dump(event, self._out)

    def _name(self, path: str) -> str | None:
        """The path below the folder, or None for what is not recorded (-shm is rebuilt, never trusted)."""
        path = os.path.abspath(path)
        return path[len(self._root):] if path.startswith(self._root) and not path.endswith("-shm") else None

    def _node(self, name: str, *, existed: bool) -> int:
        if name not in self._nodes:
            self._count += 1
            self._nodes[name] = self._count
            self._event("base" if existed else "create", self._count, name)
        return self._nodes[name]

    # -- SQLite

    def _patch_sqlite(self) -> None:
        find = ctypes.CDLL(library.__file__).sqlite3_vfs_find
        find.restype, find.argtypes = ctypes.POINTER(Vfs), [ctypes.c_char_p]
        vfs = find(None).contents
        first_open, first_delete = OPEN(vfs.xOpen), DELETE(vfs.xDelete)

        def on_open(self_: Any, pointer: int | None, file: Any, flags: int, out: Any) -> int:
            with self._lock:
                path = os.fsdecode(ctypes.string_at(pointer)) if pointer else ""
                existed = os.path.exists(path)
                code = int(first_open(self_, pointer, file, flags, out))
                name = self._name(path) if path and code == 0 else None
                self.unnamed += pointer is None
                if name is not None:
                    node = self._node(name, existed=existed)
                    dirsync = bool(flags & MAY_CREATE) and bool(flags & JOURNALS)
                    self._open[ctypes.addressof(file.contents)] = node, name, dirsync
                    self._wrap(file.contents)
                return code

        def on_delete(self_: Any, pointer: int, syncs: int) -> int:
            with self._lock:
                name = self._name(os.fsdecode(ctypes.string_at(pointer)))
                code = int(first_delete(self_, pointer, syncs))
                if name is not None and code == 0:
                    self._nodes.pop(name, None)
                    self._event("unlink", name)
                    if syncs:
                        self._event("dirsync", os.path.dirname(name))
                return code
        self._keep += [opened := OPEN(on_open), deleted := DELETE(on_delete), first_open, first_delete]
        vfs.xOpen, vfs.xDelete = ctypes.cast(opened, P).value, ctypes.cast(deleted, P).value

    def _wrap(self, file: File) -> None:
        """Give this open file a copy of its methods in which ours stand for four of them."""
        address = ctypes.addressof(file.methods.contents)
        if address not in self._copies:
            copy = Methods.from_buffer_copy(file.methods.contents)
            self._replace(copy, Methods.from_buffer_copy(copy))
            self._copies[address] = copy, file.methods.contents
        file.methods = ctypes.pointer(self._copies[address][0])

    def _replace(self, copy: Methods, real: Methods) -> None:
        write, truncate = WRITE(real.xWrite), TRUNCATE(real.xTruncate)
        sync, close = SYNC(real.xSync), CLOSE(real.xClose)

        def on_write(file: Any, data: int, count: int, offset: int) -> int:
            with self._lock:
                node = self._open[ctypes.addressof(file.contents)][0]
                if self.room is not None:
                    if count > self.room:
                        return FULL
                    self.room -= count
                self._event("write", node, offset, ctypes.string_at(data, count))
                return int(write(file, data, count, offset))

        def on_truncate(file: Any, size: int) -> int:
            with self._lock:
                self._event("size", self._open[ctypes.addressof(file.contents)][0], size)
                return int(truncate(file, size))

        def on_sync(file: Any, flags: int) -> int:
            with self._lock:
                address = ctypes.addressof(file.contents)
                node, name, dirsync = self._open[address]
                code = int(sync(file, flags))
                self._event("sync", node)
                if dirsync:
                    self._event("dirsync", os.path.dirname(name))
                    self._open[address] = node, name, False
                return code

        def on_close(file: Any) -> int:
            with self._lock:
                self._open.pop(ctypes.addressof(file.contents), None)
                return int(close(file))
        for name, kind, function in (("xWrite", WRITE, on_write), ("xTruncate", TRUNCATE, on_truncate),
                                     ("xSync", SYNC, on_sync), ("xClose", CLOSE, on_close)):
            self._keep.append(callback := kind(function))
            setattr(copy, name, ctypes.cast(callback, P).value)

    # -- Python's own files

    def _patch_os(self) -> None:
        real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in ("fsync", "replace", "unlink")}

        def fsync(handle: int) -> None:
            with self._lock:
                path = os.readlink(f"/proc/self/fd/{handle}")
                real["fsync"](handle)
                if stat.S_ISDIR(os.fstat(handle).st_mode):
                    if (path + os.sep).startswith(self._root):
                        self._event("dirsync", path[len(self._root):])
                elif (name := self._name(path)) is not None:
                    self._event("sync", self._snapshot(name))

        def replace(old: Any, new: Any, **more: Any) -> None:
            with self._lock:
                source, target = self._name(os.fspath(old)), self._name(os.fspath(new))
                if source is not None:
                    self._snapshot(source)
                real["replace"](old, new, **more)
                if source is not None and target is not None:
                    self._nodes[target] = self._nodes.pop(source)
                    self._event("rename", source, target)

        def unlink(path: Any, **more: Any) -> None:
            with self._lock:
                real["unlink"](path, **more)
                if (name := self._name(os.fspath(path))) is not None:
                    self._nodes.pop(name, None)
                    self._event("unlink", name)
        os.fsync, os.replace, os.rename, os.unlink, os.remove = fsync, replace, replace, unlink, unlink  # type: ignore[assignment]

    def _snapshot(self, name: str) -> int:
        """A Python file's content as it is now, as one write: in between, nobody looked."""
        new = name not in self._nodes
        node = self._node(name, existed=False)
        content = (Path(self._root) / name).read_bytes()
        if not new or content:
            self._event("write", node, 0, content)
            self._event("size", node, len(content))
        return node
