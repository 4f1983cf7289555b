"""docs/rights.md is the law: it is read here, compared with the rules, and each of its cells is tried through the doors."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from permanence.accounts import permissions, rules
from permanence.accounts.permissions import RightsGate, check_read, check_sign_off, check_write
from permanence.accounts.rules import Mode, Profession, Status
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Reader, Refused

LAW = (Path(__file__).parents[2] / "docs" / "rights.md").read_text(encoding="utf-8")

# Real doors of a category, when its room exists: how a reader reads, how an actor writes. Each is called with the door's
# own arguments and must raise Refused, or leave the object out, exactly when the table says so. The rooms complete it.
Read = Callable[[Reader, UUID | None], bool]  # (reader, author of the object) -> was it served?
Write = Callable[[Actor, bool, bool], None]  # (actor, own, new) -> raises Refused
DOORS: dict[Category, tuple[Read, Write]] = {}


def cells_of(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def table_after(title: str) -> list[list[str]]:
    section = LAW.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    rows = [cells_of(line) for line in section.splitlines() if line.startswith("|")]
    return [row for row in rows if not re.fullmatch(r"-{3,}", row[0])]


def law() -> Mapping[tuple[Profession, Category], str]:
    head, *rows = table_after("The table")
    professions = [Profession(name) for name in head[1:]]
    return {(profession, Category[row[0]]): cell for row in rows
            for profession, cell in zip(professions, row[1:], strict=True)}


TABLE = law()
# Of each letter, how far it goes per verb, written a second time: a mistake in the rules' letters must not hide itself.
MEANING: Mapping[str, Mapping[str, str]] = {
    "R": {"read": "all"}, "r": {"read": "own"}, "W": {"write": "all", "create": "all"}, "N": {"create": "all"},
    "O": {"read": "own", "write": "own", "create": "own"}, "T": {"read": "assigned", "create": "all"},
    "S": {"sign_off": "all"}, "s": {"sign_off": "own"}, "P": {"print": "assigned"}, "M": {"read": "masked"},
    "E": {}, "A": {}, "K": {}, "-": {},
}
FAR = ["none", "masked", "assigned", "own", "all"]
CASES = [pytest.param(profession, category, text, titulaire, id=f"{profession}-{category.name}-{'t' if titulaire else 'm'}")
         for (profession, category), text in TABLE.items() for titulaire in (False, True)
         if not titulaire or profession is Profession.MEDECIN]


def expected(text: str, verb: str, *, titulaire: bool) -> str:
    base, _, more = text.partition(" t:")
    letters = base + (more if titulaire else "")
    return max((MEANING[letter].get(verb, "none") for letter in letters), key=FAR.index)


def test_the_law_names_every_profession_and_every_category() -> None:
    assert {profession for profession, _ in TABLE} == set(Profession)
    assert {category for _, category in TABLE} == set(Category)


def test_the_rules_repeat_the_law() -> None:
    assert {(p, c): rules.RIGHTS[p][c].text for p in Profession for c in Category} == dict(TABLE)


def test_the_rules_repeat_what_each_status_takes_away() -> None:
    rows = table_after("What a status takes away")[1:]
    written = {(status, category): right.text for status, cells in rules.NARROWED.items()
               for category, right in cells.items()}
    assert {(Status(status), Category[category]): most for status, category, most in rows} == written


def test_every_letter_of_the_law_is_explained() -> None:
    explained = {row[0] for row in table_after("How to read a cell")[1:]}
    assert explained == set(rules.LETTERS) == set(MEANING)
    assert set("".join(TABLE.values())) - {" ", "t", ":"} <= explained


def test_what_machines_may_write_is_the_laws_list() -> None:
    named = {name.strip() for row in table_after("What machines may write")[1:] for name in row[0].split(",")}
    assert named == set(permissions.MACHINE_WRITES)
    assert permissions.MACHINE_WRITES["sign_in"] == permissions.MACHINE_WRITES["set_up"] == {Category.PROFESSIONAL}
    assert set(Category) - permissions.MACHINE_WRITES["import"] == {
        Category.PRIVATE_NOTES, Category.PROFESSIONAL, Category.JOURNAL}
    assert set(Category) - permissions.MACHINE_WRITES["demo"] == {Category.JOURNAL}


# -- each cell through the doors. Synthetic doors of no room: a real reader, the real gate, the real check.


class Objects:
    """A room of the tests: objects of one category in one file, by their author; a door that loads what is admitted."""

    def __init__(self, category: Category) -> None:
        self.category, self.patient, self.loaded = category, uuid4(), set[UUID]()

    def query(self, authors: Sequence[UUID | None], *, reader: Reader) -> list[UUID | None]:
        asks = [Ask(self.patient, self.category, uuid4(), author) for author in authors]
        admitted = reader.admit_objects(asks)
        self.loaded |= admitted
        return [ask.author for ask in asks if ask.object in admitted]

    def change(self, *, by: Actor, own: bool | None = None, new: bool = False) -> None:
        check_write(by, self.category, own=own, new=new)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Actor]:
    """Anybody, of any profession and status, without a table behind: the standing is what the test says."""
    standings: dict[UUID, rules.Standing] = {}

    def make(profession: Profession, status: Status = Status.COLLABORATEUR, **more: object) -> Actor:
        actor = Actor(uuid4())
        assert actor.member is not None
        standings[actor.member] = replace(rules.Standing(actor.member, profession, status), **more)  # type: ignore[arg-type]
        return actor

    monkeypatch.setattr(permissions, "standing_of", lambda member: standings[member])
    return make


def reader_of(actor: Actor) -> Reader:
    assert actor.member is not None
    return Reader(actor, [RightsGate(permissions.standing_of(actor.member))])


def refused(do: Callable[[], object]) -> bool:
    try:
        do()
    except Refused:
        return True
    return False


def of_cell(person: Callable[..., Actor], profession: Profession, titulaire: bool) -> Actor:
    status = Status.TITULAIRE if titulaire else Status.COLLABORATEUR
    return person(profession, status, is_titulaire=titulaire)


@pytest.mark.parametrize(("profession", "category", "text", "titulaire"), CASES)
def test_each_cell_reads_what_it_says_through_a_door(
        person: Callable[..., Actor], profession: Profession, category: Category, text: str, titulaire: bool) -> None:
    actor, room = of_cell(person, profession, titulaire), Objects(category)
    mode, other = expected(text, "read", titulaire=titulaire), uuid4()
    served = room.query([actor.member, other, None], reader=(reader := reader_of(actor)))
    assert served == {"all": [actor.member, other, None], "own": [actor.member], "assigned": [actor.member]}.get(mode, [])
    account = reader.close()
    assert len(room.loaded) == len(served) == sum(len(patient.objects) for patient in account.patients)
    codes = {"all": set(), "own": {"own"}, "assigned": {"own"}, "masked": {"masked"}}.get(mode, {"right"})
    assert {code for _, _, code in account.refused} == codes
    if category in DOORS:
        assert [DOORS[category][0](reader_of(actor), author) for author in (actor.member, other)] == [
            mode in ("all", "own", "assigned"), mode == "all"]


@pytest.mark.parametrize(("profession", "category", "text", "titulaire"), CASES)
def test_each_cell_opens_whole_categories_only_when_it_reads_all(
        person: Callable[..., Actor], profession: Profession, category: Category, text: str, titulaire: bool) -> None:
    actor, patient = of_cell(person, profession, titulaire), uuid4()
    admission = reader_of(actor).admit([patient], [category])
    assert admission.may(patient, category) is (expected(text, "read", titulaire=titulaire) == "all")


@pytest.mark.parametrize(("profession", "category", "text", "titulaire"), CASES)
def test_each_cell_writes_what_it_says_through_a_door(
        person: Callable[..., Actor], profession: Profession, category: Category, text: str, titulaire: bool) -> None:
    actor, room = of_cell(person, profession, titulaire), Objects(category)
    write, create = (expected(text, verb, titulaire=titulaire) for verb in ("write", "create"))
    tried = {"new": refused(lambda: room.change(by=actor, new=True)),
             "own": refused(lambda: room.change(by=actor, own=True)),
             "other": refused(lambda: room.change(by=actor, own=False)),
             "nobody's": refused(lambda: room.change(by=actor))}
    assert tried == {"new": create == "none", "own": write not in ("all", "own"), "other": write != "all",
                     "nobody's": write != "all"}
    if category in DOORS:
        door = DOORS[category][1]
        assert [refused(lambda own=own, new=new: door(actor, own, new)) for own, new in
                ((True, True), (True, False), (False, False))] == [tried["new"], tried["own"], tried["other"]]


@pytest.mark.parametrize(("profession", "category", "text", "titulaire"), CASES)
def test_each_cell_signs_off_what_it_says(
        person: Callable[..., Actor], profession: Profession, category: Category, text: str, titulaire: bool) -> None:
    actor, mode = of_cell(person, profession, titulaire), expected(text, "sign_off", titulaire=titulaire)
    assert refused(lambda: check_sign_off(actor, category, own=False)) is (mode != "all")
    assert refused(lambda: check_sign_off(actor, category, own=True)) is (mode not in ("all", "own"))


@pytest.mark.parametrize(("profession", "category", "text", "titulaire"), CASES)
def test_each_cell_has_the_mode_it_says_for_every_verb(
        person: Callable[..., Actor], profession: Profession, category: Category, text: str, titulaire: bool) -> None:
    actor = of_cell(person, profession, titulaire)
    assert actor.member is not None
    standing = permissions.standing_of(actor.member)
    for verb in rules.VERBS:
        assert rules.mode(standing, category, verb) == expected(text, verb, titulaire=titulaire)


@pytest.mark.parametrize("category", Category)
def test_rows_of_no_patient_are_read_only_by_who_reads_all(person: Callable[..., Actor], category: Category) -> None:
    for profession in Profession:
        actor = person(profession)
        mode = expected(TABLE[profession, category], "read", titulaire=False)
        assert refused(lambda actor=actor: check_read(reader_of(actor), category)) is (mode != "all")


def test_a_standing_opens_nothing_to_somebody_else(person: Callable[..., Actor]) -> None:
    doctor, secretary = person(Profession.MEDECIN), person(Profession.SECRETAIRE)
    assert doctor.member is not None
    borrowed = Reader(secretary, [RightsGate(permissions.standing_of(doctor.member))])
    assert not borrowed.admit_objects([Ask(uuid4(), Category.NOTES, uuid4(), doctor.member)])


def test_a_remplacant_has_the_replaced_doctors_agenda_inbox_and_tasks_and_nobodys_private_notes(
        person: Callable[..., Actor]) -> None:
    doctor, other = person(Profession.MEDECIN, Status.TITULAIRE), uuid4()
    locum = person(Profession.MEDECIN, Status.REMPLACANT, of=doctor.member)
    for category in (Category.MESSAGES, Category.TASKS):
        served = Objects(category).query([doctor.member, locum.member, other], reader=reader_of(locum))
        assert served == [doctor.member, locum.member]
        assert permissions.is_own(locum, category, doctor.member)
    for category in (Category.PRIVATE_NOTES, Category.BILLING):
        assert Objects(category).query([doctor.member, locum.member], reader=reader_of(locum)) == [locum.member]
        assert not permissions.is_own(locum, category, doctor.member)


def test_an_intern_inherits_nothing_from_the_senior_and_bills_nothing(person: Callable[..., Actor]) -> None:
    senior = person(Profession.MEDECIN, Status.TITULAIRE)
    intern = person(Profession.MEDECIN, Status.INTERNE, of=senior.member)
    assert Objects(Category.TASKS).query([senior.member, intern.member], reader=reader_of(intern)) == [intern.member]
    assert Objects(Category.BILLING).query([intern.member], reader=reader_of(intern)) == []
    assert refused(lambda: check_write(intern, Category.BILLING, new=True))
    assert refused(lambda: check_sign_off(intern, own=False))
    assert not refused(lambda: check_sign_off(intern, own=True))


def test_outside_the_dates_every_cell_is_closed(person: Callable[..., Actor]) -> None:
    gone = person(Profession.MEDECIN, Status.TITULAIRE, is_titulaire=True, active=False)
    for category in Category:
        reader = reader_of(gone)
        assert Objects(category).query([gone.member], reader=reader) == []
        assert {code for _, _, code in reader.close().refused} == {"inactive"}
        assert refused(lambda category=category: check_write(gone, category, new=True))


def test_the_smallest_of_two_modes_is_what_both_allow() -> None:
    assert sorted(Mode) == [Mode.NONE, Mode.MASKED, Mode.ASSIGNED, Mode.OWN, Mode.ALL]
