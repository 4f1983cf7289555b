"""Opens, checks and weighs states that a power cut may leave, in a process of its own; says what is amiss in JSON.

Every distinct state is opened as every morning and integrity-checked. What it then holds, row by row, is verified whole and
worked in again, once for all states that hold the same.

    python -m tests.powercut.judge BASE LOG WORK COUNT SEED
"""

import functools
import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import django

django.setup()

from nacl.exceptions import CryptoError  # noqa: E402

from permanence.journal import folder, merkle, seal, vault, verify, wire  # noqa: E402
from permanence.lib import host  # noqa: E402
from permanence.lib.sqlcipher import run  # noqa: E402
from tests.faults import cabinet  # noqa: E402
from tests.powercut import replay  # noqa: E402
from tests.testapp import actions  # noqa: E402

NOT_YET = ("NotAPractice", "Unopened")  # what a practice may answer that nobody has been told is made


@dataclass(slots=True)
class Found:
    """What a state holds once it was opened, or why it could not be."""

    amiss: str = ""
    there: set[str] = field(default_factory=set)  # as the acknowledgements name things


class Judge:
    """Remembers states and contents that it has seen."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.states: dict[bytes, Found] = {}
        self.contents: dict[bytes, str] = {}
        self.lagging = self.left = 0
        self.work.mkdir(parents=True, exist_ok=True)

    def found(self, state: replay.State) -> Found:
        """What the state that lies in `work` holds."""
        name = _digest(sorted((name, hashlib.sha256(content).digest()) for name, content in state.files.items()))
        if name not in self.states:
            self.left += bool(seal.strays(self.work / "seal"))
            self.states[name] = self._opened()
        return self.states[name]

    def _opened(self) -> Found:
        try:
            with cabinet.opened(self.work) as here:
                if vault.current().replica != here.record().replica:
                    return Found("a saved head was ahead of its chain: a new replica id was taken")
                for alias in cabinet.FILES:
                    if (checked := run(alias, "PRAGMA integrity_check").fetchall()) != [("ok",)]:
                        return Found(f"{alias}: {checked[:3]}")
                there = {f"{alias} {hash.hex()}" for alias in cabinet.FILES for _, hash in cabinet.entries(alias)}
                there |= {f"slot {slot.id.hex()}" for slot in here.record().slots}
                there |= {f"epoch {epoch}" for epoch in range(1, here.record().epoch + 1)}
                return Found(self._verified(here), there)
        except (host.Unsuitable, CryptoError) as error:
            return Found(f"{type(error).__name__}: {error}")

    def _verified(self, here: folder.Folder) -> str:
        heads = here.saved_heads()
        content = _digest([[head.encode() for head in heads], _everything()])
        if content not in self.contents:
            self.contents[content] = self._whole(heads) or _goes_on()
        return self.contents[content]

    def _whole(self, heads: list[merkle.Head]) -> str:
        report = verify.verify(full=True, saved_heads=heads)
        self.lagging += sum(head.size for head in heads) < report.entries
        return "" if report.sound else f"verify: {report.findings[0].where}: {report.findings[0].what}"


def _goes_on() -> str:
    """Work goes on where it stopped, and what it adds verifies too."""
    actions.register(by=cabinet.BY, family="after")
    cabinet.read_one()
    report = verify.verify()
    return "" if report.sound else f"after: {report.findings[0].what}"


def _everything() -> list[object]:
    """Every row of every table of both files."""
    rows: list[object] = []
    for alias in cabinet.FILES:
        for name, sql in run(alias, "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
            rows += [name, sql, run(alias, f'SELECT * FROM "{name}"').fetchall()]
    return rows


def _digest(value: object) -> bytes:
    return hashlib.sha256(repr(value).encode()).digest()


def missing(owed: tuple[bytes, ...], found: Found, work: Path, practice: bytes) -> list[str]:
    """What was acknowledged and is not there."""
    gone = []
    for promise in owed:
        kind, name, *key = f"{promise.decode()} ".split(" ")
        if kind == "made":
            continue
        if kind == "blob":
            try:
                path = work / wire.blob_name(bytes.fromhex(name))
                wire.open_blob(path.read_bytes(), bytes.fromhex(key[0]), bytes.fromhex(name), practice)
            except (OSError, wire.Broken):
                gone.append(f"blob {name[:8]}")
        elif f"{kind} {name}" not in found.there:
            gone.append(f"{kind} {name[:8]}")
    return gone


def main(base: Path, log: Path, work: Path, count: int, seed: int) -> dict[str, object]:
    cabinet.small_reserve()
    host.refuse_unsuitable_folder = functools.cache(host.refuse_unsuitable_folder)  # always the same place
    judge, wrong, promises = Judge(work), list[str](), 0
    practice = folder.open_folder(base, held=True).record().practice if (base / "seal").exists() else b""
    for state in replay.states(base, log, count=count, seed=seed):
        state.write(work)
        found = judge.found(state)
        gone = [] if found.amiss else missing(state.acknowledged, found, work, practice)
        promises += len(state.acknowledged)
        unmade = practice == b"" and not state.acknowledged and found.amiss.startswith(NOT_YET)
        if (found.amiss and not unmade) or gone:
            wrong.append(f"event {state.at}: {found.amiss or 'missing ' + ', '.join(gone[:5])}")
    return {"states": count, "distinct": len(judge.states), "contents": len(judge.contents), "lagging": judge.lagging,
            "strays": judge.left, "promises": promises, "wrong": wrong}


if __name__ == "__main__":
    print(json.dumps(main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:6]))))
