"""Whoever holds a stolen machine's keys writes what no action of ours would: it orders nothing and stops nobody at the others."""

from datetime import date
from uuid import UUID

import pytest

from permanence.lib import suite
from permanence.patients.models import Patient
from permanence.sync import actions, queries, rules
from permanence.sync.models import Replica
from tests.sync.forging import forge
from tests.sync.practice_life import Two, reader
from tests.sync.test_machines_as_people_see_them import b_of, hears, known

__all__ = ["known"]
ALL = {"1": 10**6, "2": 10**6}


def office_stands(two: Two) -> bool:
    with two.a:
        return not Replica.objects.get(name="Bureau").revoked_at


def revoke(two: Two) -> None:
    """The order itself, as the laptop would give it."""
    forge(two.b, "sync.replica", UUID(bytes=two.a.replica), {"revoked_at": 1_790_000_000_000, "wipe": True}, by=two.cast["moreau"])


def take_a_new_id(two: Two, **more: object) -> None:
    """As a machine that was put back from a copy does, and with what it would like to be."""
    former = two.b.vault
    two.b.renew()
    v = two.b.vault
    forge(two.b, "sync.replica", UUID(bytes=v.replica), {
        "name": "Portable, sous un autre id", "kind": "laptop", "verify_key": v.verify_key, "transport_key": b"u" * 32, "transport_box_key": b"c" * 32,
        "succeeds_id": former.replica, "vouched": suite.sign(rules.LABEL + v.verify_key, former.signing), **more,
    }, by=two.cast["moreau"])  # fmt: skip


def test_a_new_id_does_not_bring_its_own_agreement(known: Two) -> None:
    take_a_new_id(known, orders_until=ALL)
    revoke(known)
    hears(known.a, known.b)
    assert office_stands(known)


def test_a_new_id_does_not_take_the_offices_line_along_when_it_is_revoked(known: Two) -> None:
    """Whoever is revoked is refused by its transport key: one that named the office's as its own would have it refused everywhere."""
    take_a_new_id(known, transport_key=b"t" * 32)
    hears(known.a, known.b)
    with known.a:
        actions.revoke_replica(b_of(known).id, by=known.cast["benali"])
        assert b"t" * 32 in queries.transport_keys()


def test_a_new_id_that_asks_for_nothing_is_heard(known: Two) -> None:
    take_a_new_id(known, heard_until={}, orders_until={}, wipe=False, revoked_at=None)
    hears(known.a, known.b)
    with known.a:
        assert rules.heard(UUID(bytes=known.b.replica), queries.known()) is None


@pytest.mark.parametrize("kind", ["agenda.opening", "of.tomorrow"])
def test_an_order_does_not_hide_in_another_kind_of_record(known: Two, kind: str) -> None:
    own = UUID(bytes=known.b.replica)
    forge(known.b, kind, own, {"orders_until": ALL, "kind": "office"}, by=known.cast["moreau"])
    forge(known.b, "sync.replica", own, {"name": "Portable de Léa"}, by=known.cast["moreau"])
    revoke(known)
    hears(known.a, known.b)
    with known.a:
        assert Replica.objects.get(id=own).kind == "laptop"
    assert office_stands(known)


@pytest.mark.parametrize("values", [{"hosts": 5}, {"hosts": "bureau"}, {"name": b"\xff"}, {"origin": {"a": 1}}], ids=repr)
def test_what_no_page_could_show_is_put_aside(known: Two, values: dict[str, object]) -> None:
    """One row of another shape would stop the page on which its machine is revoked."""
    forge(known.b, "sync.replica", UUID(bytes=known.b.replica), values, by=known.cast["moreau"])
    hears(known.a, known.b)
    with known.a:
        assert [one.name for one in queries.machines(reader=reader(known.cast["moreau"]))] == ["Bureau", "Portable"]
        assert queries.talks().aside == 1


@pytest.mark.parametrize("born", ["2026-13-45", "hier", 5])
def test_a_date_that_is_none_stops_no_list(known: Two, born: object) -> None:
    forge(known.b, "patients.patient", known.jeanne, {"birth_date": born}, by=known.cast["petit"], patient=known.jeanne)
    hears(known.a, known.b)
    with known.a:
        assert Patient.objects.get(id=known.jeanne).birth_date == date(1958, 7, 14)


def test_an_entry_of_no_calendar_is_put_aside(known: Two) -> None:
    """Its machine's clock says what it likes: whoever looks through what is aside, or through a file's history, still reads the page."""
    forge(known.b, "journal.erase", known.jeanne, {}, by=known.cast["moreau"], wall=2**62)
    forge(known.b, "patients.patient", known.jeanne, {"birth_place": "Lyon"}, by=known.cast["moreau"], patient=known.jeanne, wall=2**62)
    hears(known.a, known.b)
    with known.a:
        assert queries.talks().aside == 2
        assert queries.kept_aside(b_of(known).id, reader=reader(known.cast["moreau"])) == ()
