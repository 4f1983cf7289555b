"""Structured logs of a practice: one JSON object a line, constant messages and ids only, rotated by size.

Nothing a person typed and nothing of a file may stand in a log: every value passes `safe`, exceptions lose their text.
"""

import json
import logging
import logging.handlers
import os
import re
import traceback
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

HIDDEN = "…"
MOST_BYTES, KEPT = 5 * 1024 * 1024, 9
# Fields a caller may add with `extra=`; everything else that a library adds is dropped.
IDS = frozenset({"act", "entry", "member", "object", "patient", "post", "request", "session"})
WORDS = frozenset({"alias", "code", "kind", "method", "purpose", "route", "stage", "status", "tier"})
NUMBERS = frozenset({"bytes", "count", "ms", "size", "status"})
_WORD = re.compile(r"[a-z][a-z0-9_.:-]{0,63}|[A-Z]{3,7}")  # codes of ours, and HTTP methods
_MOST = 10**9  # a NIR or a phone number is a longer number than any count
_FRAMES = 12
# Whose messages are constants: ours by a lint rule, the others by reading them. Python's warnings quote values.
_CONSTANT = ("permanence", "django", "granian", "_granian", "asyncio")


def safe(value: Any) -> Any:
    """A value as a log may hold it: ids, small numbers, members of an enumeration; anything else is hidden."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, int | float):
        return value if abs(value) < _MOST else HIDDEN
    if isinstance(value, type):
        return value.__name__
    return HIDDEN


class Line(logging.Formatter):
    """One record as one line of JSON. The message's constant part is kept, its arguments pass `safe`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "from": record.name,
            "event": record.msg if _is_constant(record) else HIDDEN,
        }
        if record.args:
            values = record.args.values() if isinstance(record.args, dict) else record.args
            line["values"] = [safe(value) for value in values]
        line.update(_extra(record))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = _error(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def configure(folder: Path, *, level: int = logging.INFO) -> None:
    """Send every log of this process to `folder/permanence.log`: 5 MB a file, ten files, readable by the owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _Private(folder / "permanence.log", maxBytes=MOST_BYTES, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(Line())
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
        former.close()
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(True)
    # Django's lines carry the path a person asked for; ours name the route.
    logging.getLogger("django.request").setLevel(logging.ERROR)
    logging.getLogger("django.security").setLevel(logging.ERROR)
    # One line for each request of a stranger would push everything else out of the rotated files.
    logging.getLogger("django.security.DisallowedHost").setLevel(logging.CRITICAL)
    logging.raiseExceptions = False  # a full disk must not print a record on the console


class _Private(logging.handlers.RotatingFileHandler):
    def _open(self) -> Any:
        return os.fdopen(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a",
                         encoding="utf-8")


def _is_constant(record: logging.LogRecord) -> bool:
    return isinstance(record.msg, str) and record.name.split(".")[0] in _CONSTANT


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in IDS:
        value = getattr(record, name, None)
        if value is not None:
            found[name] = str(value) if isinstance(value, UUID) else HIDDEN
    for name in WORDS:
        value = getattr(record, name, None)
        if isinstance(value, str):
            found[name] = value if _WORD.fullmatch(value) else HIDDEN
    for name in NUMBERS:
        value = getattr(record, name, None)
        if isinstance(value, int | float):
            found[name] = safe(value)
    return found


def _error(error: BaseException | None) -> dict[str, Any]:
    """Types and places of an exception and its causes. Their texts may quote what a person typed: they stay out."""
    chain: list[dict[str, Any]] = []
    while error is not None and len(chain) < 4:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        chain.append({"type": type(error).__name__,
                      "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]})
        error = error.__cause__ or error.__context__
    return {"chain": chain}
