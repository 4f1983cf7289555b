"""Who was served what: the reader remembers, the appender commits before anything leaves, the index answers both ways."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from permanence.journal import access, gates, queries, verify, writer
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Ask, Reader, ReaderClosed, Refused
from permanence.lib.sqlcipher import run

P, Q = UUID(int=11), UUID(int=12)
IDENTITY, N, J = Category.IDENTITY, Category.NOTES, Category.JOURNAL


class Refusing:
    """Refuses notes of one patient, and flagged objects."""

    name = "refusing"

    def judge(self, reader: Reader, asks: Any) -> list[str]:
        return ["opposition" if (a.patient, a.category) == (Q, N) else "sensitive" if a.sensitive else "" for a in asks]


def reader(by: Actor, *more: Any) -> Reader:
    return Reader(by, [*more, gates.Open()], reason="essai", route="tests:page")


def test_what_is_admitted_is_served_and_what_is_refused_is_not_loaded(anyone: Actor) -> None:
    r = reader(anyone, Refusing())
    admission = r.admit([P, Q], [IDENTITY, N])
    assert admission.may(P, N)
    assert not admission.may(Q, N)
    assert admission.patients(IDENTITY) == {P, Q}
    assert admission.refusals == {(Q, N): "opposition"}
    o1, o2 = uuid4(), uuid4()
    assert r.admit_objects([Ask(P, N, o1), Ask(P, N, o2, sensitive=True)]) == {o1}
    served = r.close()
    of_p = next(p for p in served.patients if p.patient == P)
    assert of_p.objects == (o1,)
    assert of_p.levels == ((int(Level.READ), 1 << IDENTITY | 1 << N),)
    assert (P, int(N), "sensitive") in served.refused
    assert served.gates == ("refusing", "open")


def test_what_is_open_is_asked_at_once_and_records_nothing(anyone: Actor) -> None:
    r = reader(anyone, Refusing())
    for patient in (P, Q):
        assert r.open_to(patient, [IDENTITY, N, J]) == {c for c in (IDENTITY, N, J) if r.may(patient, c)}
    assert r.open_to(Q, [N]) == frozenset()
    assert r.close().empty


def test_a_closed_reader_reads_nothing_more(anyone: Actor) -> None:
    r = reader(anyone)
    r.close()
    with pytest.raises(ReaderClosed):
        r.admit([P], [IDENTITY])


def test_nobody_reads_without_being_someone_and_machines_have_a_purpose() -> None:
    with pytest.raises(Refused):
        Reader(Actor(None), [])
    with pytest.raises(KeyError):
        Reader.for_purpose("curiosity")
    assert Reader.for_purpose("sign_in").admit([P], [IDENTITY]).refusals == {(P, IDENTITY): "purpose"}


def test_a_read_is_on_disk_and_indexed_both_ways(practice: Any, anyone: Actor) -> None:
    r = reader(anyone)
    r.admit([P, Q], [IDENTITY], level=Level.LISTED)
    r.admit_objects([Ask(P, N, UUID(int=99))])
    access.submit(r.close()).wait()
    titulaire = reader(Actor(UUID(int=5), session=UUID(int=6)))
    found = queries.readers_of(P, reader=titulaire)
    assert {(a.level, tuple(sorted(a.categories))) for a in found} == {(Level.LISTED, (IDENTITY,)), (Level.READ, (N,))}
    assert found[0].reason == "essai"
    assert found[0].gates == ("open",)
    assert {a.patient for a in queries.served_in(UUID(int=2), reader=reader(anyone))} == {P, Q}
    with pytest.raises(Refused) as refused:
        queries.served_in(UUID(int=2), reader=titulaire)  # another's: `accounts.queries.session_reads` asks who may
    assert refused.value.code == "right"
    assert [a.member for a in queries.readers_of_object(P, UUID(int=99), reader=reader(anyone)) if a.level == Level.READ]
    assert titulaire.close().patients[0].levels == ((int(Level.READ), 1 << J),)  # reading the journal is a read
    assert verify.verify(full=True).findings == ()


def reasons_of(patient: UUID) -> list[str]:
    return [one.reason for one in queries.readers_of(patient, reader=reader(Actor(UUID(int=5), session=UUID(int=6))))]


def test_a_reason_explains_the_files_it_was_found_for_and_nobody_beside_them(practice: Any, anyone: Actor) -> None:
    r = Reader(anyone, [gates.Open()], route="tests:page")
    r.explain("appointment", [P])
    r.admit([P, Q], [IDENTITY])
    access.submit(r.close()).wait()
    assert (reasons_of(P), reasons_of(Q)) == (["appointment"], [""])
    assert {one.reason for one in queries.served_in(UUID(int=2), reader=reader(anyone)) if one.patient == Q} == {""}


def test_an_entry_of_before_still_reads_and_its_reason_is_believed_of_one_patient_alone(practice: Any, anyone: Actor) -> None:
    for patients in ([P], [P, Q]):
        body = {"patients": [[one.bytes, [[int(Level.READ), 1 << IDENTITY]], [], False] for one in patients], "refused": [],
                "gates": ["open"], "reason": "call", "proof": "", "tier": "", "route": "tests:before"}
        access._send(access.READ, anyone, "tests:before", body, [(one.bytes, int(Level.READ), 1 << IDENTITY) for one in patients]).wait()
    assert (reasons_of(P), reasons_of(Q)) == (["", "call"], [""])
    assert verify.verify(full=True).findings == ()


def test_what_a_leaving_reading_admits_counts_at_its_level_at_least(anyone: Actor) -> None:
    r = Reader(anyone, [gates.Open()], leaving=Level.PRINTED)
    r.admit([P], [IDENTITY], level=Level.LISTED)
    r.admit_objects([Ask(P, N, UUID(int=99))], level=Level.EXPORTED)
    assert dict(r.close().patients[0].levels) == {int(Level.PRINTED): 1 << IDENTITY, int(Level.EXPORTED): 1 << N}
    r = Reader(anyone, [gates.Open()])
    r.admit([Q], [IDENTITY], level=Level.LISTED)
    r.leave(Level.EXPORTED)
    r.leave(Level.READ)
    r.admit([Q], [N])
    assert dict(r.close().patients[0].levels) == {int(Level.LISTED): 1 << IDENTITY, int(Level.EXPORTED): 1 << N}


def test_nothing_served_makes_no_entry(practice: Any, anyone: Actor) -> None:
    access.submit(reader(anyone).close()).wait()
    assert run("access", "SELECT count(*) FROM journal_entry").fetchone() == (0,)


def test_without_appender_nothing_is_served(practice: Any, anyone: Actor) -> None:
    writer.current("access").stop()
    r = reader(anyone)
    r.admit([P], [IDENTITY])
    with pytest.raises(access.NotJournalled):
        access.submit(r.close()).wait()


def test_a_failed_commit_is_not_served(practice: Any, anyone: Actor) -> None:
    def broken() -> None:
        raise OSError("disk")
    writer.current("access").guard = broken
    r = reader(anyone)
    r.admit([P], [IDENTITY])
    with pytest.raises(access.NotJournalled):
        access.submit(r.close()).wait()
