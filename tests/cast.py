"""The fixed cast of all tests, fictional: each fixture is an Actor; all of them are members of one practice."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from permanence.accounts import actions, permissions, sessions
from permanence.journal import heads
from permanence.journal.doors import Actor, Gate, Reader
from permanence.lib.sqlcipher import run, run_many

PEOPLE = ("moreau", "benali", "petit", "hugo", "sophie", "nadia", "lucie", "amel", "theo", "ines", "bruno", "yann")


def recruit(*, fictional: bool = False) -> dict[str, Actor]:
    """Found the practice and invite everybody, through the real actions. Returns an Actor for each name of PEOPLE."""
    founded = actions.found_practice(
        name="Maison de santé des Tilleuls", rp_id="tilleuls.example", family_name="Moreau", given_name="Claire",
        rpps="10003456786", sites=["Saint-Aubin-sur-Orge"], fictional=fictional, by=Actor.machine("set_up"))
    cast = {"moreau": Actor(founded.member, session=uuid4(), post=uuid4())}
    today = permissions.today()

    def join(name: str, family: str, given: str, profession: str, status: str, **more: object) -> None:
        invited = actions.invite_member(family_name=family, given_name=given, profession=profession, status=status,
                                        by=cast["moreau"], **more)  # type: ignore[arg-type]
        assert invited.member is not None
        cast[name] = Actor(invited.member, session=uuid4(), post=uuid4())

    join("benali", "Benali", "Karim", "medecin", "titulaire", title="Dr", is_titulaire=True)
    join("petit", "Petit", "Léa", "medecin", "remplacant", title="Dr", of=founded.member, since=today,
         until=today + timedelta(days=14))
    join("hugo", "Leroy", "Hugo", "medecin", "interne", of=founded.member, since=today, until=today + timedelta(days=180))
    join("sophie", "Marchand", "Sophie", "secretaire", "salarie")
    join("nadia", "Haddad", "Nadia", "ide", "collaborateur")
    join("lucie", "Garnier", "Lucie", "sage_femme", "collaborateur")
    join("amel", "Kaci", "Amel", "ipa", "salarie")
    join("theo", "Vasseur", "Théo", "kine", "collaborateur")
    join("ines", "Lopes", "Inès", "telesecretaire", "salarie")
    join("bruno", "Delmas", "Bruno", "comptable", "salarie")
    join("yann", "Le Goff", "Yann", "informaticien", "salarie")
    return cast


def reader_for(actor: Actor, *more: Gate, reason: str = "") -> Reader:
    """A reader of this person, their rights checked; add the gates that the test is about."""
    assert actor.member is not None
    return Reader(actor, [permissions.RightsGate(permissions.standing_of(actor.member)), *more], reason=reason)


def open_session(actor: Actor, *, post: UUID | None = None, token_hash: bytes | None = None,
                 assurance: str = "console") -> sessions.SessionInfo:
    """A session of this person without any ceremony."""
    assert actor.member is not None
    return sessions.start(member=actor.member, post=post, assurance=assurance, tier="page", thumbprint=os.urandom(8).hex(),
                          public_key={"kty": "EC", "crv": "P-256", "x": "x", "y": "y"},
                          token_hash=token_hash or os.urandom(32), by=Actor.machine("sign_in"))


class Recruited:
    """What recruiting wrote, table by table, to be put in place again: the real actions run once in five minutes of tests, not in each."""

    MOST_S = 300.0  # invitations and what is dated from today stay as fresh as a test may expect

    def __init__(self) -> None:
        self.at, self.people = 0.0, dict[str, Actor]()
        self.keys: object = None
        self.day: date | None = None  # everybody is hired « today », which a test may have put elsewhere
        self.rows: dict[tuple[str, str], list[tuple[object, ...]]] = {}

    def record(self, keys: object) -> None:
        before = _content()
        self.people, self.keys, self.at, self.day = recruit(), keys, time.monotonic(), permissions.today()
        self.rows = {table: rows for table, rows in _content().items() if rows != before[table]}

    def put_in_place(self) -> None:
        for (alias, table), rows in self.rows.items():
            run_many(alias, f'INSERT OR REPLACE INTO "{table}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
        for alias in {alias for alias, _ in self.rows}:
            heads.note(alias)
            heads.committed(alias)

    def again(self, keys: object) -> Mapping[str, Actor]:
        if self.keys is not keys or self.day != permissions.today() or time.monotonic() - self.at > self.MOST_S:
            self.record(keys)
        else:
            self.put_in_place()
        return dict(self.people)


def _content() -> dict[tuple[str, str], list[tuple[object, ...]]]:
    """All rows of all tables but those that SQLite keeps for itself or for a text index."""
    names = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"
    return {(alias, name): run(alias, f'SELECT * FROM "{name}"').fetchall()
            for alias in ("default", "access") for (name,) in run(alias, names).fetchall()}


_recruited = Recruited()


@pytest.fixture
def cast(practice: object) -> Mapping[str, Actor]:
    """Everybody, in the test's own transaction."""
    sessions.forget()
    people = _recruited.again(practice)
    sessions.forget()
    return people


@pytest.fixture
def live_cast(live: object) -> Mapping[str, Actor]:
    """Everybody, really committed in a folder of the test's own."""
    sessions.forget()
    return recruit()


@pytest.fixture
def reader() -> Callable[..., Reader]:
    return reader_for


@pytest.fixture
def moreau(cast: Mapping[str, Actor]) -> Actor:
    """Dr Claire MOREAU, médecin titulaire, administers the practice."""
    return cast["moreau"]


@pytest.fixture
def benali(cast: Mapping[str, Actor]) -> Actor:
    """Dr Karim BENALI, médecin titulaire, administers it too."""
    return cast["benali"]


@pytest.fixture
def petit(cast: Mapping[str, Actor]) -> Actor:
    """Dr Léa PETIT, remplaçante of Dr Moreau for a fortnight."""
    return cast["petit"]


@pytest.fixture
def hugo(cast: Mapping[str, Actor]) -> Actor:
    """Hugo LEROY, interne under Dr Moreau."""
    return cast["hugo"]


@pytest.fixture
def sophie(cast: Mapping[str, Actor]) -> Actor:
    """Sophie MARCHAND, secrétaire."""
    return cast["sophie"]


@pytest.fixture
def nadia(cast: Mapping[str, Actor]) -> Actor:
    """Nadia HADDAD, infirmière Asalée."""
    return cast["nadia"]


@pytest.fixture
def lucie(cast: Mapping[str, Actor]) -> Actor:
    """Lucie GARNIER, sage-femme."""
    return cast["lucie"]


@pytest.fixture
def amel(cast: Mapping[str, Actor]) -> Actor:
    """Amel KACI, infirmière en pratique avancée."""
    return cast["amel"]


@pytest.fixture
def theo(cast: Mapping[str, Actor]) -> Actor:
    """Théo VASSEUR, kinésithérapeute."""
    return cast["theo"]


@pytest.fixture
def ines(cast: Mapping[str, Actor]) -> Actor:
    """Inès LOPES, télésecrétaire."""
    return cast["ines"]


@pytest.fixture
def bruno(cast: Mapping[str, Actor]) -> Actor:
    """Bruno DELMAS, comptable."""
    return cast["bruno"]


@pytest.fixture
def yann(cast: Mapping[str, Actor]) -> Actor:
    """Yann LE GOFF, informaticien."""
    return cast["yann"]


__all__: Sequence[str] = ("PEOPLE", "open_session", "reader_for", "recruit")
