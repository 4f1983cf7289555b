"""Why a file is being opened, as far as the practice's own data tell: found when a session first opens it, kept in each access entry.

Nothing is blocked here. Rooms declare what explains an open (`journal.registry.explains`); this module asks them and remembers what the
session was shown in a search.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Collection
from uuid import UUID

from django.http import HttpResponse

from permanence.journal import registry
from permanence.journal.doors import Actor, Served

# The order in which they are written. A room's reason that is not named here comes after these.
ORDER = ("appointment", "waiting_room", "task", "call", "handover", "countersign", "attending", "family_link", "recent_act")
SEARCH, NONE = "search", "none"
SEARCHES = frozenset({"patients:search", "patients:palette"})
KEPT_S = 600.0  # a reason found is good for ten minutes of the same session
SEARCHED_S = 900.0  # a row of a search explains an open for a quarter of an hour
MOST = 4_000


class _Memory:
    """Recent marks by (session, patient), the oldest forgotten first. In memory: it is lost with the process, and then asked again."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._marks, self._lock = seconds, OrderedDict[tuple[UUID, UUID], tuple[float, str]](), threading.Lock()

    def put(self, session: UUID, patient: UUID, value: str) -> None:
        with self._lock:
            self._marks[session, patient] = time.monotonic() + self._seconds, value
            self._marks.move_to_end((session, patient))
            while len(self._marks) > MOST:
                self._marks.popitem(last=False)

    def get(self, session: UUID, patient: UUID) -> str | None:
        until, value = self._marks.get((session, patient), (0.0, ""))
        return value if until > time.monotonic() else None

    def drop(self, session: UUID, patient: UUID) -> None:
        with self._lock:
            self._marks.pop((session, patient), None)

    def clear(self) -> None:
        with self._lock:
            self._marks.clear()


_found, _searched = _Memory(KEPT_S), _Memory(SEARCHED_S)


def of(actor: Actor, patient: UUID, family: Collection[UUID]) -> str:
    """What explains that this session opens a person's file: codes parted by spaces, `none` when nothing does.

    `family`: all the files of this person.
    """
    if actor.member is None or actor.session is None:
        return ""
    known = _found.get(actor.session, patient)
    if known is None:
        known = _look(actor.member, actor.session, family)
        _found.put(actor.session, patient, known)
    return known


def _look(member: UUID, session: UUID, family: Collection[UUID]) -> str:
    codes = [code for code, finder in registry.finders().items() if any(finder(member, one) for one in family)]
    codes += {found for one in family if (found := _searched.get(session, one)) is not None and found not in codes}
    rank = {code: place for place, code in enumerate(ORDER)}
    return " ".join(sorted(codes, key=lambda code: (code == SEARCH, rank.get(code, len(rank))))) or NONE


def remember(served: Served) -> None:
    """Keep in mind what a search has just shown to this session."""
    if served.route in SEARCHES and served.actor.session is not None:
        for one in served.patients:
            _searched.put(served.actor.session, one.patient, SEARCH)
            _found.drop(served.actor.session, one.patient)


def shown(actor: Actor, patients: Collection[UUID], code: str, answer: HttpResponse) -> None:
    """This answer is a list that says why: for a quarter of an hour, it explains that its session opens these files."""
    if answer.status_code != 200 or actor.session is None:
        return
    for patient in patients:
        _searched.put(actor.session, patient, code)
        _found.drop(actor.session, patient)


def forget() -> None:
    """At seal, and between tests."""
    _found.clear()
    _searched.clear()
