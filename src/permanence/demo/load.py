"""Makes the fictional practice: folder, members through their doors, files through the journal's bulk path."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from permanence.accounts import actions as accounts
from permanence.accounts import unlocking
from permanence.accounts.permissions import today
from permanence.demo import agenda, apart, cut, growth, handing, morning, papers, posts
from permanence.demo.cast import COLLEAGUES, LABEL, PRACTICE, TOWN, Colleague, population
from permanence.demo.clinic import make_file
from permanence.demo.rows import Rows
from permanence.documents import blobs
from permanence.journal import bulk, folder, keyring
from permanence.journal.doors import Actor
from permanence.journal.journaled import JournaledModel
from permanence.lib import clock, host

NAME, RP_ID = f"bureau.{LABEL}.localhost", f"{LABEL}.localhost"
HERE_SINCE = timedelta(days=21)  # everybody worked here before the visitor came in; less than what makes somebody unseen
Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made: members by their key in the cast, and how many entries."""

    members: Mapping[str, UUID]
    entries: int


def machine_key(path: Path) -> Path:
    """A bare key file: for a fictional practice, or an encrypted disk, only."""
    return path / "run" / "machine.key"


def make(path: Path, patients: int, *, progress: Progress = lambda done, total: None) -> Loaded:
    """A new fictional practice in an empty folder, closed when done; its machine key lies beside it."""
    made = folder.create(path, hosts=[NAME], rp_id=RP_ID)
    try:
        secret = os.urandom(32)
        unlocking.let_open(made, keyring.machine_slot(secret)[0], "machine", by=Actor.machine("demo"))
        host.atomic_write(machine_key(made.path), secret)
        return fill(patients, progress=progress)
    finally:
        made.close()


def fill(patients: int, *, progress: Progress = lambda done, total: None) -> Loaded:
    """Found the fictional practice in the open folder, and load its patients."""
    day, members = today(), found()
    entries = bulk.append_many(groups(patients, day, members, progress), by=Actor.machine("demo"), action="demo:load")
    entries += bulk.append_many(agenda.groups(patients, day, members), by=Actor.machine("demo"), action="demo:agenda")
    morning.live(patients, members)
    handing.live(patients, members)
    papers.live(patients, members)
    cut.live(patients, members)
    growth.live(patients, Actor(members["moreau"], assurance="demo"))
    apart.live(patients, members)
    posts.live(members, RP_ID)
    return Loaded(members, entries)


def found() -> dict[str, UUID]:
    """The practice and its members, through the same doors as a real one."""
    with clock.override(offset=-HERE_SINCE):
        return _found()


def _found() -> dict[str, UUID]:
    first, *others = COLLEAGUES
    made = accounts.found_practice(name=PRACTICE, rp_id=RP_ID, family_name=first.name, given_name=first.given_name,
                                   title=first.title, rpps=first.rpps, sites=[TOWN], fictional=True,
                                   by=Actor.machine("set_up"))
    members = {first.key: made.member}
    by = Actor(made.member, assurance="demo")
    for colleague in others:
        members[colleague.key] = _join(colleague, members, by)
    return members


def _join(colleague: Colleague, members: Mapping[str, UUID], by: Actor) -> UUID:
    invited = accounts.invite_member(
        family_name=colleague.name, given_name=colleague.given_name, title=colleague.title, profession=colleague.profession,
        status=colleague.status, rpps=colleague.rpps, of=members.get(colleague.of), sites=[TOWN],
        until=today() + HERE_SINCE + timedelta(days=colleague.days) if colleague.days else None,
        is_titulaire=colleague.profession == "medecin" and colleague.status == "titulaire", by=by)
    if invited.member is None:
        raise RuntimeError("an invitation without a member")
    return invited.member


def groups(count: int, day: date, members: Mapping[str, UUID], progress: Progress) -> Iterator[Sequence[JournaledModel]]:
    """Each patient's file as one act."""
    people = population(count, day)
    for done, person in enumerate(people, start=1):
        parent = people[person.parent] if person.parent is not None and person.parent < len(people) else None
        yield Rows(make_file(person, day), members, blobs.store, parent).all()
        progress(done, len(people))
