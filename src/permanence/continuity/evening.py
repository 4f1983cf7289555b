"""What writes the kit each evening by itself, where the practice chose: a disk, a stick, a folder of another machine."""

import datetime
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import connections

from permanence.accounts.permissions import PARIS
from permanence.continuity import actions, exercising, paper, queries, rules, sealing
from permanence.journal import access, vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.outcomes import DiskFull
from permanence.lib import clock, host, typesetting

log = logging.getLogger(__name__)
EVERY_S = 60.0
AGAIN = datetime.timedelta(minutes=30)  # after a failure
STATE = "kit.json"
NO_PHRASE = "Aucune phrase du kit n’a été tirée\u00a0: un titulaire la tire à l’écran «\u00a0Kit du soir\u00a0»."
AWAY = "Le dossier du kit n’est pas accessible\u00a0: rebrancher le support, le kit sera écrit aussitôt."
NOT_MADE = "Le kit n’a pas pu être mis en page\u00a0: l’écran «\u00a0Kit du soir\u00a0» permet d’imprimer quand même."


@dataclass(frozen=True, slots=True)
class Result:
    """How the last evening's kit went. `at` in milliseconds UTC; `problem` is a French sentence, empty when it is written."""

    at: int
    ok: bool
    patients: int = 0
    file: str = ""
    problem: str = ""


def write(into: Path) -> Result:
    """Make tomorrow's kit and write it encrypted. The reads are journalled before the file exists. Raises Refused, OSError."""
    key = queries.kit_key()
    if key is None:
        raise Refused(NO_PHRASE, code="phrase")
    if not into.is_dir():
        raise Refused(AWAY, code="away")
    reader = queries.evening_reader()
    kit = queries.kit(reader=reader, made_at=clock.now())
    access.submit(reader.close()).wait()
    name = paper.file_name(kit)
    copy = actions.log_copy(by=Actor.machine("evening_kit"), medium="file", first_day=kit.first_day, last_day=kit.last_day,
                             patients=len(kit.halves), file_name=name)
    data = paper.data_of(kit, queries.numbers_of(copy))
    salt, iterations, secret = key
    host.atomic_write(into / name, sealing.html(data, paper.pdf(data), salt=salt, iterations=iterations, key=secret))
    _forget_old(into)
    return Result(clock.ms(), True, len(kit.halves), name)


def _forget_old(into: Path) -> None:
    """Keep the last files only: what nobody needs any more is nobody's to lose."""
    for old in sorted(into.glob("kit-????-??-??.html"))[:-rules.KEPT]:
        old.unlink(missing_ok=True)


def last_result(folder: Path) -> Result | None:
    """What the last evening did, from `run/`; None before the first."""
    try:
        return Result(**json.loads((folder / "run" / STATE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def attempt(folder: Path, into: Path) -> Result:
    """`write`, its outcome kept for the screens, whatever happens."""
    try:
        result = write(into)
    except (Refused, DiskFull) as refused:
        result = Result(clock.ms(), False, problem=getattr(refused, "sentence", "") or "Le disque est plein\u00a0: libérer de la place.")
    except (typesetting.NotTypeset, ValueError):
        log.error("the kit could not be laid out")
        result = Result(clock.ms(), False, problem=NOT_MADE)
    except OSError:
        log.exception("the kit could not be written")
        result = Result(clock.ms(), False, problem=AWAY)
    host.atomic_write(folder / "run" / STATE, json.dumps(asdict(result)).encode())
    return result


class Evening(threading.Thread):
    """One per open practice. `into` gives the folder chosen on this machine for kits, None when there is none."""

    def __init__(self, folder: Path, into: Callable[[], Path | None]) -> None:
        super().__init__(name="evening", daemon=True)
        self._folder, self._into = folder, into
        self._stopping = threading.Event()
        self._tried: datetime.datetime | None = None

    def stop(self) -> None:
        """Before sealing."""
        self._stopping.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def run(self) -> None:
        host.give_way()
        try:
            while not self._stopping.wait(EVERY_S):
                self.tick()
        except Exception:
            if not vault.is_sealed():
                log.exception("the evening's task stopped")
        finally:
            connections.close_all()

    def tick(self) -> None:
        """Whatever is due now: this evening's kit, once; after a failure, again half an hour later."""
        exercising.close_interrupted()
        into, now, last = self._into(), clock.now().astimezone(PARIS), last_result(self._folder)
        made = datetime.datetime.fromtimestamp(last.at / 1000, PARIS) if last and last.ok else None
        if into is None or not rules.is_due(now, made, failed=last is not None) or (self._tried is not None and now - self._tried < AGAIN):
            return
        self._tried = now
        attempt(self._folder, into)
