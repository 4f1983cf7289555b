"""The practice that is measured: built once through the journal's own bulk path, kept until its recipe changes."""

import hashlib
import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bench import booked

ROOT = Path(__file__).resolve().parent.parent
HOST, RP_ID = "bureau.bench.example", "bench.example"
PARIS = ZoneInfo("Europe/Paris")
ROUTE = "dossier:file"
POOL = 240  # files of the demo's generator from which texts, treatments and measures are taken
ACCESS_SLICE = 256


@dataclass(frozen=True, slots=True)
class Recipe:
    """How large the practice is. `long_file`: notes of patient number 0. `accesses`: access entries. `appointments`: past and booked."""

    patients: int = 10_000
    notes: int = 200_000
    long_file: int = 400
    accesses: int = 500_000
    appointments: int = 40_000

    def mark(self) -> str:
        """Changes with the sizes, the generator, the tables and the entry format."""
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode())
        source = ROOT / "src" / "permanence"
        for path in (Path(__file__), Path(booked.__file__), *sorted(source.glob("*/models.py")), *sorted(source.glob("*/migrations/0*.py")),
                     source / "journal" / "wire.py", source / "demo" / "rows.py"):
            digest.update(path.read_bytes())
        return digest.hexdigest()


FULL, SMALL = Recipe(), Recipe(1_000, 20_000, 400, 50_000, 6_000)  # today is reached from sixty days ahead


@dataclass(frozen=True, slots=True)
class Built:
    """A practice lying in a folder. Times in seconds of its one building; ids as text."""

    mark: str
    members: Mapping[str, str]
    entries: int
    accesses: int
    record_seconds: float
    access_seconds: float

    def member(self, key: str) -> UUID:
        return UUID(self.members[key])


def machine_key(folder: Path) -> Path:
    return folder / "run" / "machine.key"


def unlock(folder: Path) -> Any:
    """Open the practice in this process with its machine slot; returns the folder to close."""
    from permanence.journal import folder as folders
    from permanence.journal import keyring

    opened = folders.open_folder(folder)
    opened.unlock_with(keyring.machine_slot(machine_key(folder).read_bytes())[1])
    return opened


def make_or_reuse(folder: Path, recipe: Recipe, say: Callable[[str], object]) -> tuple[Built, bool]:
    """The practice of this recipe, and whether it was built now. Django is up already."""
    kept = folder / "bench.json"
    if kept.exists():
        built = Built(**json.loads(kept.read_text()))
        if built.mark == recipe.mark():
            return built, False
    shutil.rmtree(folder, ignore_errors=True)
    built = _build(folder, recipe, say)
    kept.write_text(json.dumps(asdict(built)))
    return built, True


def _build(path: Path, recipe: Recipe, say: Callable[[str], object]) -> Built:
    from permanence.journal import authority, bulk, folder, keyring, verify, writer
    from permanence.journal.doors import Actor
    from permanence.lib import host

    made = folder.create(path, hosts=[HOST], rp_id=RP_ID)
    try:
        secret = os.urandom(32)
        made.add_slot(keyring.machine_slot(secret)[0], "machine")
        host.atomic_write(machine_key(path), secret)
        members = _found()
        authority.establish(made)
        say(f"building {recipe.patients:,} patients, {recipe.notes:,} notes")
        began = time.perf_counter()
        entries = bulk.append_many(groups(recipe, members, say), by=Actor.machine("demo"), action="bench:load")
        say(f"building {recipe.appointments:,} appointments")
        entries += bulk.append_many(booked.groups(recipe.appointments, patient_ids(recipe), members, _today()),
                                    by=Actor.machine("demo"), action="bench:agenda")
        recorded = time.perf_counter()
        say(f"building {recipe.accesses:,} access entries")
        _accesses(recipe, members)
        for alias in folder.FILES:  # as after the first night: opening then verifies what is new, not everything
            writer.current(alias).run_job(partial(verify.keep_checkpoints, alias), name="bench")
        return Built(recipe.mark(), {key: str(id) for key, id in members.items()}, entries, recipe.accesses,
                     recorded - began, time.perf_counter() - recorded)
    finally:
        made.close()


def _today() -> date:
    from permanence.accounts.permissions import today

    return today()


def _found() -> dict[str, UUID]:
    """The practice and its members, through the doors."""
    from permanence.accounts import actions as accounts
    from permanence.accounts.permissions import today
    from permanence.demo.cast import COLLEAGUES, PRACTICE, TOWN
    from permanence.journal.doors import Actor

    first, *others = COLLEAGUES
    founded = accounts.found_practice(name=PRACTICE, rp_id=RP_ID, family_name=first.name, given_name=first.given_name,
                                      title=first.title, rpps=first.rpps, sites=[TOWN], fictional=True,
                                      by=Actor.machine("set_up"))
    members = {first.key: founded.member}
    for one in others:
        invited = accounts.invite_member(
            family_name=one.name, given_name=one.given_name, title=one.title, profession=one.profession, status=one.status,
            rpps=one.rpps, of=members.get(one.of), sites=[TOWN], until=today() + timedelta(days=3650) if one.days else None,
            is_titulaire=one.profession == "medecin" and one.status == "titulaire",
            by=Actor(founded.member, assurance="demo"))
        assert invited.member is not None
        members[one.key] = invited.member
    return members


def patient_ids(recipe: Recipe) -> list[UUID]:
    """Every patient's id; number 0 has the long file."""
    from permanence.demo.rows import patient_id

    return [patient_id(number) for number in range(recipe.patients)]


def groups(recipe: Recipe, members: Mapping[str, UUID], say: Callable[[str], object], *,
           first: int = 0) -> Iterator[Sequence[Any]]:
    """Each patient's file as one act: people of the demo's generator, texts of its files, dates of their own."""
    from permanence.accounts.permissions import today
    from permanence.demo.clinic import make_file
    from permanence.demo.people import make_person
    from permanence.demo.rows import Rows

    day, rng = today(), random.Random(f"bench:{first}")
    pool = [replace(make_file(make_person(number, day), day), letters=()) for number in range(POOL)]
    notes = [note for file in pool for note in file.notes if not note.private]
    for number, count in enumerate(_counts(recipe, rng)):
        person = replace(make_person(first + number, day), parent=None)
        like = rng.choice(pool)
        since = max(person.birth, day - timedelta(days=365 * 15))
        written = (replace(rng.choice(notes), at=at, author=person.doctor) for at in _visits(rng, since, day, count))
        file = replace(like, person=person, since=since, measures=like.measures[:rng.randint(2, 8)],
                       vaccinations=like.vaccinations[:4], notes=tuple(written))
        yield Rows(file, members, _no_document, None).all()
        if number % 1000 == 999:
            say(f"  {number + 1:,} patients")


def _no_document(data: bytes) -> Any:
    raise AssertionError("files of the bench have no document")


def _counts(recipe: Recipe, rng: random.Random) -> list[int]:
    """Notes per file: many short files, few long ones, exactly the recipe's total."""
    weights = [rng.gammavariate(1.6, 1.0) + 0.1 for _ in range(recipe.patients - 1)]
    left, total = recipe.notes - recipe.long_file, sum(weights)
    counts = [max(1, int(left * weight / total)) for weight in weights]
    for index in range(left - sum(counts)):
        counts[index % len(counts)] += 1
    return [recipe.long_file, *counts]


def _visits(rng: random.Random, since: date, day: date, count: int) -> list[datetime]:
    span = max((day - since).days - 1, 1)
    return [datetime(at.year, at.month, at.day, rng.randint(8, 18), rng.randrange(60), tzinfo=PARIS)
            for at in sorted(since + timedelta(days=int(span * rng.random() ** 0.6)) for _ in range(count))]


def _accesses(recipe: Recipe, members: Mapping[str, UUID]) -> None:
    """Access entries as the appender makes them (sealed, chained, signed, indexed), 256 to a transaction."""
    from permanence.journal import writer

    patients, rng, done = patient_ids(recipe), random.Random("bench:access"), 0
    hlc = 0
    while done < recipe.accesses:
        count = min(ACCESS_SLICE, recipe.accesses - done)
        drafts, index, hlc = _readings(patients, list(members.values()), rng, count, hlc)
        writer.current("access").run_job(partial(_append, drafts, index), urgent=False, name="bench")
        done += count


def _readings(patients: list[UUID], members: list[UUID], rng: random.Random, count: int,
              hlc: int) -> tuple[list[Any], list[tuple[Any, ...]], int]:
    from permanence.journal import access, acts, chain, vault
    from permanence.journal.categories import Category, Level, Scope
    from permanence.journal.doors import Actor
    from permanence.lib import clock, ids

    v, drafts, index, at = vault.current(), [], [], clock.ms()
    masks = [1 << Category.IDENTITY, sum(1 << c for c in (Category.IDENTITY, Category.NOTES, Category.HISTORY,
                                                          Category.ALLERGIES, Category.TREATMENTS, Category.MEASURES))]
    for place in range(count):
        patient, member = patients[int(len(patients) * rng.random() ** 2)], rng.choice(members)
        session = UUID(int=rng.getrandbits(128))
        levels, objects = [[int(Level.READ), masks[1]]], [rng.randbytes(16) for _ in range(rng.randint(5, 40))]
        body = {"patients": [[patient.bytes, levels, objects, False]], "refused": [], "reason": "", "proof": "x" * 60,
                "gates": ["right", "protection", "open"], "tier": "worker", "route": ROUTE}
        hlc = clock.hlc_tick(hlc, at)
        act = acts.Act(ids.new_act_id(), Actor(member, session), ROUTE, alias="access")
        drafts.append(chain.draft_of(act, kind=access.READ, version=1, scope=Scope.ACCESS, ref=None, object=None,
                                     values=body, base={}, hlc=hlc, place=(1, 1), key=v.access))
        index.append((place, patient.bytes, member.bytes, session.bytes, at, int(Level.READ), masks[1]))
    return drafts, index, hlc


def _append(drafts: list[Any], index: list[tuple[Any, ...]]) -> None:
    from permanence.journal import chain
    from permanence.journal.categories import Stream
    from permanence.lib.sqlcipher import run, run_many

    chain.extend("access", Stream.ACCESS, drafts)
    first = run("access", "SELECT max(id) FROM journal_entry").fetchone()[0] - len(drafts) + 1
    run_many("access", "INSERT INTO journal_accessindex (entry, patient, member, session, at, level, categories)"
             " VALUES (?,?,?,?,?,?,?)", [(first + place, *rest) for place, *rest in index])


def copy_of(folder: Path, to: Path) -> Path:
    """A copy to work on: what a bench writes never changes the kept practice."""
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("lock", "socket", "*-wal", "*-shm", "bench.json"))
    return to
