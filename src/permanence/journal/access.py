"""The appender: what a response serves is sealed and committed before its first byte leaves, or nothing is served."""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from typing import Any
from uuid import UUID

from permanence.journal import acts, chain, vault, wire, writer
from permanence.journal.categories import Level, Scope, Stream
from permanence.journal.doors import Actor, Served
from permanence.lib import clock, ids
from permanence.lib.sqlcipher import run, run_many

READ, SESSION = "access.read", "access.session"
VERSION = 2  # of a read: it says whom its reason explains (ADR 29)
WAIT_S = 10.0
_LEVELS = frozenset(Level)
_clock = threading.Lock()
_last_hlc = 0


class NotJournalled(Exception):
    """The access entry could not be committed: the response must not leave. Its cause is chained."""


class Ticket:
    """An access entry on its way. The page renders meanwhile and calls `wait` before it leaves."""

    __slots__ = ("_future",)

    def __init__(self, future: "Future[Any] | None") -> None:
        self._future = future

    def wait(self) -> None:
        """Return once the entry is on disk. Raises NotJournalled."""
        if self._future is None:
            return
        try:
            writer.current("access").wait(self._future, WAIT_S)
        except BaseException as error:
            raise NotJournalled("the access entry is not on disk") from error


def submit(served: Served) -> Ticket:
    """Send a response's access entry to the appender. Nothing served, nothing to say: an empty ticket."""
    if served.empty:
        return Ticket(None)
    body = {
        "patients": [[p.patient.bytes, [list(level) for level in p.levels], [o.bytes for o in p.objects], p.sensitive]
                     for p in served.patients],
        "refused": [[patient.bytes, category, code] for patient, category, code in served.refused],
        "gates": list(served.gates), "reason": served.reason,
        "about": None if served.about is None else [patient.bytes for patient in served.about], "proof": served.proof, "tier": served.tier,
        "route": served.route,
    }
    rows = [(p.patient.bytes, level, mask) for p in served.patients for level, mask in p.levels]
    return _send(READ, served.actor, served.route, body, rows, VERSION)


def explains(body: Mapping[str, Any], patient: bytes) -> str:
    """The reason that a read's body gives for one of its patients. Entries of version 1 do not say whom theirs explains:
    it is believed where they served one patient alone."""
    if "about" in body:
        known = body["about"] is None or patient in body["about"]
    else:
        known = len(body["patients"]) == 1
    return str(body["reason"]) if known else ""


def note(kind: str, actor: Actor, values: Mapping[str, Any]) -> Ticket:
    """An access entry that serves no patient: a session begun, ended, frozen; a decision of containment."""
    return _send(kind, actor, kind, dict(values), [])


def _send(kind: str, actor: Actor, route: str, body: Mapping[str, Any], rows: list[tuple[bytes, int, int]],
          version: int = 1) -> Ticket:
    global _last_hlc
    v, at = vault.current(), clock.ms()
    with _clock:
        hlc = _last_hlc = clock.hlc_tick(_last_hlc or _newest(), at)
    act = acts.Act(ids.new_act_id(), actor, route, alias="access")
    draft = chain.draft_of(act, kind=kind, version=version, scope=Scope.ACCESS, ref=None, object=None, values=body, base={},
                           hlc=hlc, place=(1, 1), key=v.access)

    def append() -> None:
        chain.extend("access", Stream.ACCESS, [draft])
        if rows:
            entry = run("access", "SELECT max(id) FROM journal_entry").fetchone()[0]
            index(entry, rows, _bytes(actor.member), _bytes(actor.session), at)

    try:
        return Ticket(writer.current("access").submit(append, name="access"))
    except writer.WriterStopped as error:
        raise NotJournalled("no appender") from error


def _newest() -> int:
    """The newest clock of the access chains: a clock put back while the practice was closed does not put entries back."""
    return run("access", "SELECT max(hlc) FROM journal_chain").fetchone()[0] or 0


def forget() -> None:
    """At seal: another practice, or the same one restored, starts from its own chains."""
    global _last_hlc
    _last_hlc = 0


def index(entry: int, rows: Iterable[tuple[bytes, int, int]], member: bytes | None, session: bytes | None, at: int) -> None:
    """On the appender: what an entry served to whom, (patient, level, categories) each."""
    run_many("access", "INSERT INTO journal_accessindex (entry, patient, member, session, at, level, categories)"
             " VALUES (?,?,?,?,?,?,?)",
             [(entry, patient, member, session, at, level, mask) for patient, level, mask in rows])


def indexed(inner: wire.Inner, sealed: bytes | None, *, trusted: bool = True) -> list[tuple[bytes, int, int]]:
    """What an entry puts into the index of reads: nothing when it serves nobody, or in a shape that this version cannot show.

    `trusted`: written here. Raises wire.Broken, CryptoError.
    """
    if inner.kind != READ or sealed is None:
        return []
    v = vault.current()
    body = wire.open_body(sealed, v.access, v.practice, trusted=trusted)
    return [(patient, level, mask) for patient, levels, *_ in body["patients"] for level, mask in levels] if _can_be_shown(body) else []


def _can_be_shown(body: Mapping[str, Any]) -> bool:
    try:
        return (all(len(patient) == 16 and all(level in _LEVELS and 0 <= mask < 1 << 63 for level, mask in levels)
                    and all(len(one) == 16 for one in objects) for patient, levels, objects, *_ in body["patients"])
                and all(type(gate) is str for gate in body["gates"]) and type(body["route"]) is str and type(body["reason"]) is str
                and type(body.get("about", [])) in (list, type(None)))  # fmt: skip
    except (TypeError, ValueError, LookupError):
        return False


def _bytes(id: UUID | None) -> bytes | None:
    return None if id is None else id.bytes
