"""The catalogue of capabilities, their states, and which switch holds for whom at an instant. Plain values, no clock.

What is said of each state, in French, is in `catalogue`; who may switch is in `permissions` and docs/rights.md.
"""

import datetime
import ipaddress
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAY_MINUTES = 24 * 60
LONGEST_OVERRIDE = datetime.timedelta(hours=12)
OUTSIDE = "outside"  # the network of who is not in the practice


class Capability(StrEnum):
    """What can be switched, each apart: the smallest thing is suspended, never everything (design, section 7)."""

    READ_RECORDS = "read_records"
    WRITE_RECORDS = "write_records"
    REGISTER_PATIENT = "register_patient"
    AGENDA = "agenda"
    PRESCRIBE = "prescribe"
    E_PRESCRIPTION = "e_prescription"
    CARE_SHEETS = "care_sheets"
    DMP = "dmp"
    SECURE_MAIL = "secure_mail"
    PATIENT_MESSAGES = "patient_messages"
    DEVICES = "devices"
    EXPORT = "export"
    REMOTE_ACCESS = "remote_access"
    RESEARCH_EXPORT = "research_export"


class State(StrEnum):
    """`QUEUED`: work is kept, shown, counted, and replayed once, in order."""

    ON = "on"
    READ_ONLY = "read_only"
    QUEUED = "queued"
    OFF = "off"


STRICTNESS: Mapping[State, int] = {State.ON: 0, State.QUEUED: 1, State.READ_ONLY: 2, State.OFF: 3}

_C, _S = Capability, State
_READS = (_S.READ_ONLY, _S.OFF)
_WAITS = (_S.QUEUED, _S.OFF)
_STOPS = (_S.OFF,)
# The states that mean something for each, beside on. Reading has one only; a written line has no queue to wait in.
STATES: Mapping[Capability, tuple[State, ...]] = {
    _C.READ_RECORDS: _STOPS, _C.WRITE_RECORDS: _STOPS, _C.REGISTER_PATIENT: _STOPS, _C.AGENDA: _READS, _C.PRESCRIBE: _READS,
    _C.E_PRESCRIPTION: _WAITS, _C.CARE_SHEETS: _WAITS, _C.DMP: _WAITS, _C.SECURE_MAIL: _WAITS, _C.PATIENT_MESSAGES: _WAITS,
    _C.DEVICES: _STOPS, _C.EXPORT: _STOPS, _C.REMOTE_ACCESS: _READS, _C.RESEARCH_EXPORT: _STOPS,
}
# What slowness alone does. The record stays: read or written slowly is safer than not at all, so `ON` only says that it is slow.
WHEN_SLOW: Mapping[Capability, State] = {
    _C.READ_RECORDS: _S.ON, _C.WRITE_RECORDS: _S.ON, _C.REGISTER_PATIENT: _S.ON, _C.AGENDA: _S.READ_ONLY, _C.PRESCRIBE: _S.READ_ONLY,
    _C.E_PRESCRIPTION: _S.QUEUED, _C.CARE_SHEETS: _S.QUEUED, _C.DMP: _S.QUEUED, _C.SECURE_MAIL: _S.QUEUED,
    _C.PATIENT_MESSAGES: _S.QUEUED, _C.DEVICES: _S.OFF, _C.EXPORT: _S.OFF, _C.REMOTE_ACCESS: _S.READ_ONLY, _C.RESEARCH_EXPORT: _S.OFF,
}


class Audience(StrEnum):
    """For whom. `EVERYONE`: people and the practice's own tasks. `PRACTICE`: people only."""

    EVERYONE = "everyone"
    PRACTICE = "practice"
    PROFESSION = "profession"
    MEMBER = "member"
    POST = "post"
    NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever asks: a member at a post on a network, or the practice's own machine (`member` is None)."""

    member: UUID | None = None
    profession: str = ""
    post: UUID | None = None
    network: str = ""  # the address it comes from


@dataclass(frozen=True, slots=True)
class Switch:
    """One decision as stored. `overrides`: it is an on-call doctor's opening of that other switch, for themselves."""

    id: UUID
    capability: str
    state: str
    audience: str
    whom: str
    reason: str
    by: UUID | None  # None: the practice's own machine
    decided_at: datetime.datetime
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None
    next_update_at: datetime.datetime | None
    schedule: Mapping[str, Any]
    overridable: bool
    overrides: UUID | None
    replica: str
    confirmed: bool
    ready_at: datetime.datetime | None

    @property
    def automatic(self) -> bool:
        return self.by is None


# -- schedules: {"days": [0..6], "from": minutes, "to": minutes} in the practice's own time; {} is always


def check_schedule(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule as it is kept. Raises ValueError with a French sentence."""
    if not schedule:
        return {}
    days = sorted({int(day) for day in schedule.get("days", ()) if 0 <= int(day) <= 6})
    start, end = int(schedule.get("from", -1)), int(schedule.get("to", -1))
    if not days:
        raise ValueError("Cocher au moins un jour\u00a0: celui où la fermeture commence.")
    if not (0 <= start < DAY_MINUTES and 0 <= end <= DAY_MINUTES):
        raise ValueError("Écrire les heures de 0\u00a0h à 24\u00a0h, par exemple 22:00 et 07:00.")
    if start == end:
        raise ValueError("Les deux heures sont les mêmes\u00a0: pour un jour entier, écrire 0:00 et 24:00.")
    return {"days": days, "from": start, "to": end}


def _windows(schedule: Mapping[str, Any], around: datetime.date) -> Iterable[tuple[datetime.datetime, datetime.datetime]]:
    """The closings that begin from the day before to eight days after, as walls show them: a changing clock moves none."""
    start, end = schedule.get("from"), schedule.get("to")
    if type(start) is not int or type(end) is not int or not isinstance(schedule.get("days"), (list, tuple)):
        return  # of another version: it closes nothing, and no page breaks for it
    for day in (around + datetime.timedelta(days=i) for i in range(-1, 9)):
        if day.weekday() in schedule["days"]:
            yield _at(day, start), _at(day if end > start else day + datetime.timedelta(days=1), end)


def _at(day: datetime.date, minutes: int) -> datetime.datetime:
    """A wall clock's hour as an instant. An hour that comes twice is its first; one that never comes, the same time later."""
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=minutes // DAY_MINUTES), datetime.time(), PARIS)
    return midnight.replace(hour=minutes % DAY_MINUTES // 60, minute=minutes % 60).astimezone(datetime.UTC)


def closed_until(schedule: Mapping[str, Any], now: datetime.datetime) -> datetime.datetime | None:
    """When the closing that runs at `now` ends; None outside of closings."""
    ends = [end for start, end in _windows(schedule, now.astimezone(PARIS).date()) if start <= now < end]
    return max(ends, default=None)


def closed_since(schedule: Mapping[str, Any], now: datetime.datetime) -> datetime.datetime | None:
    return min((start for start, end in _windows(schedule, now.astimezone(PARIS).date()) if start <= now < end), default=None)


def next_closing(schedule: Mapping[str, Any], now: datetime.datetime) -> datetime.datetime | None:
    return min((start for start, _ in _windows(schedule, now.astimezone(PARIS).date()) if start > now), default=None)


# -- which switch holds


def is_live(switch: Switch, now: datetime.datetime) -> bool:
    """Confirmed, begun, not ended, and inside its hours when it has some."""
    if not switch.confirmed or now < switch.starts_at or (switch.ends_at is not None and now >= switch.ends_at):
        return False
    return not switch.schedule or closed_until(switch.schedule, now) is not None


def concerns(switch: Switch, who: Who) -> bool:
    """Whether it is said of whoever asks. An audience of a newer version concerns everybody: the careful reading."""
    match switch.audience:
        case Audience.EVERYONE:
            return True
        case Audience.PRACTICE:
            return who.member is not None
        case Audience.PROFESSION:
            return bool(who.profession) and who.profession == switch.whom
        case Audience.MEMBER:
            return who.member is not None and str(who.member) == switch.whom
        case Audience.POST:
            return who.post is not None and str(who.post) == switch.whom
        case Audience.NETWORK:
            return on_network(who.network, switch.whom)
    return True


def on_network(address: str, network: str) -> bool:
    """Whether an address belongs to a network as typed; `outside` is everything that is not private. No address: no network."""
    try:
        found = ipaddress.ip_address(address)
        if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
            found = found.ipv4_mapped
        return not found.is_private if network == OUTSIDE else found in ipaddress.ip_network(network)
    except ValueError:
        return False


def strictness(state: str) -> int:
    """A state of a newer version is the strictest: what is not understood is not opened."""
    return STRICTNESS[State(state)] if state in set(State) else len(STRICTNESS)


def holding(switches: Iterable[Switch], who: Who, now: datetime.datetime, replica: str = "") -> dict[str, Switch]:
    """Per capability, the strictest live switch that concerns `who`: the newest of two alike. A capability not named is on."""
    switches = list(switches)
    opened = {one.overrides for one in switches
              if one.overrides is not None and is_live(one, now) and concerns(one, who)}
    found: dict[str, Switch] = {}
    for one in switches:
        if (one.overrides is not None or one.id in opened or (one.replica and one.replica != replica)
                or not concerns(one, who) or not is_live(one, now)):
            continue
        kept = found.get(one.capability)
        if kept is None or (strictness(one.state), one.decided_at, one.id) > (strictness(kept.state), kept.decided_at, kept.id):
            found[one.capability] = one
    return found


def until(switch: Switch, now: datetime.datetime) -> datetime.datetime | None:
    """When a live switch ends by itself; None when somebody must lift it."""
    ends = [end for end in (switch.ends_at, closed_until(switch.schedule, now) if switch.schedule else None) if end is not None]
    return min(ends, default=None)


def since(switch: Switch, now: datetime.datetime) -> datetime.datetime:
    """Since when it has been so, this time."""
    begun = closed_since(switch.schedule, now) if switch.schedule else None
    return max(switch.starts_at, begun) if begun else switch.starts_at


# -- what one person may not decide alone


def locks_out(switches: Collection[Switch], *, asker: UUID, chiefs: Mapping[UUID, str], posts: Collection[UUID]) -> bool:
    """Whether these switches together, the new one among them, could take reading from the whole practice, or from a titulaire
    other than who asks: hours, starts and ends are not looked at, for they can be chosen. `chiefs`: titulaires' professions."""
    off = [one for one in switches if one.capability == Capability.READ_RECORDS and strictness(one.state) > STRICTNESS[State.ON]]
    if any(one.audience not in (Audience.PROFESSION, Audience.MEMBER, Audience.POST) for one in off):
        return True
    named = {(one.audience, one.whom) for one in off}
    if any((Audience.MEMBER, str(chief)) in named or (Audience.PROFESSION, profession) in named
           for chief, profession in chiefs.items() if chief != asker):
        return True
    if len(chiefs) == 1 and any((Audience.PROFESSION, profession) in named for profession in chiefs.values()):
        return True
    return bool(posts) and all((Audience.POST, str(post)) in named for post in posts)
