"""What the machine must promise: durable files, one process per folder, a fit place. POSIX-only calls live here."""

import ctypes
import errno
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from permanence.lib import clock

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

RESERVE_BYTES = 64 * 1024 * 1024
LOCK_STEP_S = 0.05
LESS, LEAST = 10, 19  # niceness
NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb", "smbfs", "smb2", "smb3", "afs", "ceph", "coda", "gfs2", "glusterfs", "lustre", "ncp",
    "ncpfs", "ocfs2", "davfs", "9p", "vboxsf", "prl_fs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse",
    "fuse.ceph", "fuse.glusterfs", "fuse.davfs2", "fuse.vmhgfs-fuse", "fuse.gvfsd-fuse", "fuse.onedriver",
    "fuse.curlftpfs", "fuse.google-drive-ocamlfuse", "fuse.juicefs", "fuse.dropbox", "fuse.moosefs", "fuse.mfs"))
_SYNCHRONISED = (  # the folder's name, then what its program leaves inside
    ("Dropbox", ("dropbox",), (".dropbox", ".dropbox.cache")),
    ("OneDrive", ("onedrive",), (".849C9593-D756-4E56-8D6E-42412F2A707B",)),
    ("Nextcloud", ("nextcloud",), (".nextcloudsync.log", ".sync_*.db", "._sync_*.db")),
    ("ownCloud", ("owncloud",), (".owncloudsync.log", ".csync_journal.db")),
    ("Google Drive", ("google drive", "googledrive", "my drive", "mon drive"),
     (".tmp.drivedownload", ".tmp.driveupload")),
    ("iCloud", ("iclouddrive", "icloud drive", "mobile documents", "cloudstorage"), ()),
    ("Syncthing", ("syncthing",), (".stfolder", ".stignore")),
    ("kDrive", ("kdrive",), ()),
    ("pCloud", ("pcloud drive", "pclouddrive"), ()),
    ("Synology Drive", ("synologydrive",), (".SynologyWorkingDirectory",)),
    ("Resilio", (), (".sync/ID",)),
)


class Unsuitable(Exception):
    """The machine or the folder cannot keep a practice. `sentence` is French and says what to do instead."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


# -- durable files


def fsync_dir(folder: Path | str) -> None:
    """Make names created, renamed or removed in this folder survive a power cut (nothing where no such call exists)."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def atomic_write(path: Path | str, data: bytes, *, mode: int = 0o600) -> None:
    """Replace a file whole: after a power cut it holds the old bytes or the new ones. OSError: the old ones stay."""
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    fsync_dir(path.parent)


def read_plain(path: Path | str, most: int) -> bytes:
    """At most `most` bytes of a regular file. Raises OSError for anything else, a link put in its place since it was listed included.

    Where the platform cannot refuse links at opening, the listing's own check is all there is.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read(most)


def private_folder(path: Path | str) -> Path:
    """Make a folder (its last level) that only its owner may enter; one that exists is closed to others."""
    path = Path(path)
    made = not path.exists()
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)
    if made:
        fsync_dir(path.parent)
    return path


# -- one process per folder


class Lock:
    """A folder held by this process, until `release` or its end; a crash releases it too."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def release(self) -> None:
        self._file.close()

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *error: object) -> None:
        self.release()


def exclusive_lock(path: Path | str, *, patience: float = 0.0) -> Lock:
    """Hold this file for one process. `patience`: seconds in which a former one may end. Raises Unsuitable (code `locked`), naming the
    process that holds it."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii", errors="replace")
    until = clock.monotonic() + patience
    while not _is_taken(file):
        if clock.monotonic() >= until:
            holder = "".join(c for c in file.read(20) if c.isdigit())
            file.close()
            whose = f" (processus {holder})" if holder else ""
            raise Unsuitable(f"Ce cabinet est déjà ouvert par un autre programme{whose}\u00a0: arrêtez-le, ou utilisez celui qui tourne.",
                             code="locked")
        time.sleep(LOCK_STEP_S)
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return Lock(file)


def _is_taken(file: IO[str]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# -- a fit place


def filesystem_kind(path: Path | str) -> str:
    """The type of the file system that holds `path` (`ext4`, `nfs4`...), or "" where the system does not say."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    except OSError:
        return ""
    return kind_in(mounts, Path(path).resolve())


def kind_in(mountinfo: str, path: Path) -> str:
    """The type of the mount with the longest prefix of `path`, the last one when several cover each other (proc(5))."""
    best, kind = -1, ""
    for line in mountinfo.splitlines():
        place, _, rest = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < 5 or not rest:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), rest.split(" ")[0]
    return kind


def synchronised_by(path: Path | str) -> str:
    """The program that copies this folder elsewhere ("Dropbox"...), by name or marks in any parent; "" if none."""
    path = Path(path).absolute()
    for folder in {*path.parents, path, *path.resolve().parents, path.resolve()}:
        name = folder.name.casefold()
        for program, names, marks in _SYNCHRONISED:
            if any(name == known or re.match(re.escape(known) + r"[^\w]", name) for known in names):
                return program
            if any(_is_mark(found) for mark in marks for found in folder.glob(mark)):
                return program
    return ""


def _is_mark(found: Path) -> bool:
    return found.is_file() or found.name != ".dropbox"  # ~/.dropbox is a folder: the program's settings, not a mark


def refuse_unsuitable_folder(path: Path | str) -> None:
    """Raises Unsuitable for a network file system or a synchronised folder.

    SQLite's write-ahead log needs one machine ("does not work over a network filesystem", sqlite.org/wal.html); a
    program that copies files one by one would give back halves of a practice.
    """
    kind = filesystem_kind(path)
    if kind in NETWORK:
        raise Unsuitable(f"Ce dossier est sur un partage réseau ({kind})\u00a0: une coupure y abîmerait les données. "
                         "Choisissez un dossier sur un disque de cette machine.", code="network")
    program = synchronised_by(path)
    if program:
        raise Unsuitable(f"Ce dossier est copié ailleurs par {program}\u00a0: les données y seraient abîmées et "
                         "sortiraient du cabinet. Choisissez un dossier qui n’est pas synchronisé.",
                         code="synchronised")


def free_bytes(path: Path | str) -> int:
    """Bytes that this process may still write on the disk of `path`."""
    return shutil.disk_usage(path).free


class Reserve:
    """A file that holds space for later, given back when the disk is full: reads then stay journalled for a while."""

    def __init__(self, folder: Path | str, size: int = RESERVE_BYTES) -> None:
        self.path, self.size = Path(folder) / "reserve", size

    @property
    def intact(self) -> bool:
        """False once it was spent: writes are then refused, what is left is for the access journal."""
        try:
            return self.path.stat().st_size >= self.size
        except FileNotFoundError:
            return False

    def ensure(self) -> bool:
        """Make it when it is missing and the disk holds twice its size. Returns whether it stands."""
        if self.intact:
            return True
        if free_bytes(self.path.parent) < 2 * self.size:
            return False
        part = self.path.with_name(".reserve.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                _allocate(file, self.size)
                os.fsync(file.fileno())
            os.replace(part, self.path)
            fsync_dir(self.path.parent)
        except OSError:
            part.unlink(missing_ok=True)
            return False
        return True

    def spend(self) -> bool:
        """Give the space back to the disk. False: there was nothing left to give."""
        try:
            self.path.unlink()
        except FileNotFoundError:
            return False
        fsync_dir(self.path.parent)
        return True


def _allocate(file: IO[bytes], size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
    else:
        for _ in range(size // 65536):
            file.write(b"\0" * 65536)
        file.flush()


# -- processes


def hosts_file() -> str:
    """The names that this machine knows without asking anybody; empty where it cannot be read."""
    try:
        return Path("/etc/hosts").read_text(errors="replace")
    except OSError:
        return ""


def peer_uid(sock: socket.socket) -> int:
    """The user at the other end of a connected AF_UNIX socket. NotImplementedError where the system does not say."""
    option = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        raise NotImplementedError("this system does not name the peer of a local socket")
    size = struct.calcsize("3i")
    _, uid, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, option, size))
    return int(uid)


def keep_memory_private() -> None:
    """No core dump, no other process of this user reading our memory, new files for their owner only. Best effort."""
    os.umask(0o077)
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def keep_memory_small() -> None:
    """Before threads start: two heaps for all of them, not eight a core (glibc), which fragments a third more memory. Best effort."""
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            ctypes.CDLL(None).mallopt(-8, 2)  # M_ARENA_MAX


def give_way(niceness: int = LESS) -> None:
    """Let this thread run after the others: for what nobody waits for. LEAST: also after those that give way. Best effort."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def bound(pid: int, *, memory: int, seconds: int) -> None:
    """Bound what one process may ask for: bytes of memory, seconds of processor, no file to write. Best effort."""
    if sys.platform == "linux":
        limits = ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0))
        for limit, most in limits:
            with suppress(OSError, ValueError):
                resource.prlimit(pid, limit, (most, most))


def clock_synchronised() -> bool:
    """Whether the kernel says that a time service keeps this clock (adjtimex(2)); False where it cannot be asked."""
    if sys.platform != "linux":
        return False
    buffer = ctypes.create_string_buffer(512)  # struct timex, zeroed: read only
    return bool(ctypes.CDLL(None, use_errno=True).adjtimex(buffer) in range(5))  # 5 is TIME_ERROR: not synchronised


# -- printers


class NotPrinted(Exception):
    """A paper did not reach the printer. `sentence` is French and says what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


PRINT_S = 10.0  # seconds to hand a job to the print service
_NAME = re.compile(r"[A-Za-z0-9_@:+][\w.@:+-]{0,126}", re.ASCII)


def print_pdf(data: bytes, printer: str, tray: str = "", *, paper: str = "", title: str = "Permanence") -> None:
    """Hand a PDF to a printer of this machine (CUPS `lp`), by its input: no file is left behind. `title` names nobody.

    Raises NotPrinted: no print service, unknown printer, refused job.
    """
    if not _NAME.fullmatch(printer) or (tray and not _NAME.fullmatch(tray)):
        raise NotPrinted("Le nom de cette imprimante ou de ce bac n’est pas valable\u00a0: choisissez-les dans les réglages.")
    options = ["-o", f"media={paper.upper()}"] if paper else []
    options += ["-o", f"InputSlot={tray}"] if tray else []
    done = _cups(["lp", "-s", "-d", printer, "-t", title, *options, "-"], data)
    if done is None or done.returncode:
        raise NotPrinted("L’imprimante n’a pas pris le document\u00a0: vérifiez qu’elle est allumée, ou ouvrez le PDF pour l’imprimer.")


def printers() -> list[str]:
    """The printers that this machine knows (CUPS `lpstat -e`); none where there is no print service."""
    done = _cups(["lpstat", "-e"])
    return sorted(line.strip() for line in done.stdout.decode(errors="replace").splitlines() if line.strip()) if done else []


def trays(printer: str) -> list[str]:
    """The trays of a printer, as its driver names them (CUPS `lpoptions -l`, option InputSlot)."""
    if not _NAME.fullmatch(printer):
        return []
    done = _cups(["lpoptions", "-p", printer, "-l"])
    for line in done.stdout.decode(errors="replace").splitlines() if done else ():
        option, _, values = line.partition(":")
        if option.partition("/")[0] == "InputSlot":
            return [value.lstrip("*") for value in values.split()]
    return []


def _cups(command: list[str], data: bytes = b"") -> "subprocess.CompletedProcess[bytes] | None":
    """Run one of CUPS' commands; None where it is not installed or does not answer."""
    program = shutil.which(command[0])
    if program is None:
        return None
    known = {name: os.environ[name] for name in ("PATH", "HOME", "CUPS_SERVER") if name in os.environ}
    try:
        return subprocess.run(  # noqa: S603 -- a list, no shell, names checked
            [program, *command[1:]], input=data, capture_output=True, timeout=PRINT_S, check=False, env={**known, "LC_ALL": "C"})
    except (OSError, subprocess.TimeoutExpired):
        return None


def end_service() -> None:
    """End the whole service from its worker: the supervisor, which would start another worker, and this one with it."""
    os.kill(os.getppid(), signal.SIGTERM)
