"""Whoever holds a stolen machine's keys writes what no action of ours would: it orders nothing and stops nobody at the others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from permanence.accounts.actions import members, passkeys, posts, slots
from permanence.accounts.models import Invitation, Member, Passkey, Post, Practice, UnlockSlot
from permanence.consultations import actions as clinical
from permanence.consultations.models import Note
from permanence.journal import actions as journal
from permanence.journal import arrival, departure, exchange, keyring, keys_in, vault
from permanence.journal.doors import Actor
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
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
        "name": "Portable, sous un autre id", "kind": "laptop", "verify_key": v.verify_key, "transport_key": b"u" * 32,
        "transport_box_key": b"c" * 32,
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


def test_a_machine_takes_no_new_id_for_ever(known: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_IDS", 3)
    for _ in range(4):
        take_a_new_id(known)
    hears(known.a, known.b)
    with known.a:
        assert Replica.objects.count() == 4  # the office, and three of the laptop


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


@pytest.mark.parametrize("values", [
    {"hosts": 5}, {"hosts": "bureau"}, {"hosts": [5]}, {"hosts": ["a"] * 1000}, {"name": b"\xff"}, {"name": "a\0b"},
    {"origin": {"a": 1}},
], ids=["number", "text", "numbers", "many", "bytes", "nul", "map"])  # fmt: skip
def test_what_no_page_could_show_is_put_aside(known: Two, values: dict[str, object]) -> None:
    """One row of another shape would stop the page on which its machine is revoked."""
    forge(known.b, "sync.replica", UUID(bytes=known.b.replica), values, by=known.cast["moreau"])
    hears(known.a, known.b)
    with known.a:
        here, laptop = queries.machines(reader=reader(known.cast["moreau"]))
        assert (here.name, laptop.name, laptop.hosts) == ("Bureau", "Portable", ("portable",))
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


# -- coming in at the office with what the thief made on the laptop


def a_key(two: Two) -> None:
    passkeys.add_passkey(credential_id=b"thief", public_key=b"cose", rp_id="tilleuls.localhost", by=two.cast["moreau"])


def a_member(two: Two) -> None:
    members.invite_member(family_name="VOLEUR", given_name="Paul", profession="medecin", status="collaborateur", by=two.cast["moreau"])


def more_rights(two: Two) -> None:
    forge(two.b, "accounts.member", member_of(two, "sophie"), {"is_titulaire": True, "status": "titulaire"}, by=two.cast["moreau"])


def a_longer_stay(two: Two) -> None:
    forge(two.b, "accounts.member", member_of(two, "hugo"), {"until": "2099-01-01"}, by=two.cast["moreau"])


def a_new_beginning(two: Two) -> None:
    """Where no titulaire has a key, set-up may do all."""
    for who in ("moreau", "benali"):
        forge(two.b, "accounts.member", member_of(two, who), {"joined_at": None}, by=two.cast["moreau"])


def everybody_leaves(two: Two) -> None:
    for who in ("moreau", "benali"):
        forge(two.b, "accounts.member", member_of(two, who), {"departed_at": 1_790_000_000_000}, by=two.cast["moreau"])


def a_code(two: Two) -> None:
    values = {"purpose": "recovery", "code_hash": b"h" * 32, "member_id": member_of(two, "benali").bytes}
    forge(two.b, "accounts.invitation", uuid4(), values, by=two.cast["moreau"])


def a_fiction(two: Two) -> None:
    with two.a:
        practice = Practice.objects.get().id
    forge(two.b, "accounts.practice", practice, {"fictional": True}, by=two.cast["moreau"])


def no_post_left(two: Two) -> None:
    with two.a:
        posts_here = list(Post.objects.values_list("id", flat=True))
    for one in posts_here:
        forge(two.b, "accounts.post", one, {"revoked_at": 1_790_000_000_000}, by=two.cast["moreau"])


def no_key_left(two: Two) -> None:
    with two.a:
        keys_here = list(Passkey.objects.values_list("id", flat=True))
    for one in keys_here:
        forge(two.b, "accounts.passkey", one, {"revoked_at": 1_790_000_000_000}, by=two.cast["moreau"])


def no_sheet(two: Two) -> None:
    with two.a:
        sheet = UnlockSlot.objects.get(kind="sheet").id
    forge(two.b, "accounts.unlockslot", sheet, {"removed_at": 1_790_000_000_000}, by=two.cast["moreau"])


HERE = frozenset({a_key, a_member})  # done on the laptop by its own program


def member_of(two: Two, who: str) -> UUID:
    found = two.cast[who].member
    assert found is not None
    return found


def accounts_of(two: Two) -> list[object]:
    tables = (Practice, Member, Passkey, Invitation, Post, UnlockSlot)
    with two.a:
        return [sorted(map(repr, table.objects.order_by("id").values_list())) for table in tables]


@pytest.fixture
def equipped(known: Two) -> Two:
    """With a sheet, and a post at which the others work."""
    with known.a:
        passkeys.add_passkey(credential_id=b"hers", public_key=b"cose", rp_id="tilleuls.localhost", by=known.cast["moreau"])
        keys = keyring.sheet_keys(bytes(20), vault.current().practice)
        slots.record_slot(uuid4(), kind="sheet", sheet=keys, by=Actor.machine("console"))
        code = posts.invite_post(name="Accueil", by=known.cast["moreau"]).code
        posts.enrol_post(code, token_hash=b"t" * 32, thumbprint="x" * 43, public_key={"kty": "EC"}, by=Actor.machine("sign_in"))
    known.agree()
    return known


@pytest.mark.parametrize(("does", "said"), [
    (a_key, "Nouvelle clé d’accès de Dr Claire MOREAU"), (a_member, "Nouveau membre, «\u00a0Paul VOLEUR\u00a0»"),
    (more_rights, "Droits ou dates de Sophie"), (a_longer_stay, "Droits ou dates de"), (a_new_beginning, "Droits ou dates de"),
    (everybody_leaves, "Départ de Dr Claire MOREAU"), (a_code, "Code d’entrée pour"), (a_fiction, "Modifier la fiche du cabinet"),
    (no_post_left, "Poste"), (no_key_left, "Retirer une clé d’accès"), (no_sheet, "Retirer une feuille de secours"),
])  # fmt: skip
def test_nobody_comes_in_or_is_shut_out_by_what_a_stolen_laptop_wrote(equipped: Two, does: Callable[[Two], None], said: str) -> None:
    before = accounts_of(equipped)
    if does in HERE:
        with equipped.b:
            does(equipped)
            assert Passkey.objects.filter(credential_id=b"thief").exists() or Member.objects.filter(family_name="VOLEUR").exists()
    else:
        does(equipped)
    hears(equipped.a, equipped.b)
    assert accounts_of(equipped) == before
    with equipped.a:
        orders = [one for one in queries.kept_aside(b_of(equipped).id, reader=reader(equipped.cast["benali"])) if one.order]
        assert orders[0].what[0].startswith(said)


def test_a_key_made_on_a_visit_serves_everywhere_once_a_titulaire_agreed(known: Two) -> None:
    with known.b:
        a_key(known)
    hears(known.a, known.b)
    with known.a:
        actions.accept(b_of(known).id, by=known.cast["benali"])
        assert Passkey.objects.filter(credential_id=b"thief").exists()


def test_what_only_takes_away_is_done_at_once(known: Two) -> None:
    """A key that was lost on a visit, a secretary who leaves: nobody waits for the office."""
    with known.b:
        passkeys.add_passkey(credential_id=b"old", public_key=b"cose", rp_id="tilleuls.localhost", by=known.cast["petit"])
    hears(known.a, known.b)
    with known.a:
        actions.accept(b_of(known).id, by=known.cast["benali"])
    hears(known.b, known.a)
    with known.b:
        forgotten = Passkey.objects.get(credential_id=b"old").id
        passkeys.revoke_passkey(forgotten, by=known.cast["benali"])
        members.depart_member(member_of(known, "sophie"), by=known.cast["moreau"])
        code = posts.invite_post(name="Portable", by=known.cast["moreau"]).code
        own = posts.enrol_post(code, token_hash=b"l" * 32, thumbprint="y" * 43, public_key={"kty": "EC"}, by=Actor.machine("sign_in"))
        posts.approve_post(own, by=known.cast["moreau"])
        posts.revoke_post(own, by=known.cast["moreau"])
    hears(known.a, known.b)
    with known.a:
        assert Passkey.objects.get(id=forgotten).revoked_at is not None
        assert Member.objects.get(id=member_of(known, "sophie")).departed_at is not None
        assert Post.objects.get(id=own).revoked_at is not None
        assert queries.talks().aside == 0


def test_a_signed_note_is_not_written_a_second_time(known: Two) -> None:
    """Of two entries of one note the older clock would count: the thief's own."""
    with known.a:
        note = clinical.sign_note(known.jeanne, by=known.cast["petit"], fields={"text": "Au cabinet."})
    hears(known.b, known.a)
    with known.a:
        row = Note.objects.get(id=note)
    forge(known.b, "consultations.note", note, {"patient_id": known.jeanne.bytes, "text": "Autre chose."}, by=known.cast["petit"],
          patient=known.jeanne, hlc=1)  # fmt: skip
    hears(known.a, known.b)
    with known.a:
        assert Note.objects.get(id=note).text == row.text == "Au cabinet."


def a_false_key(two: Two, patient: UUID) -> exchange.Batch:
    """As somebody who has the practice's keys, and was revoked, makes one: it is wrapped as it should be."""
    with two.b:
        v, key = vault.current(), suite.new_key()
        row = [suite.commitment(key), patient.bytes, v.epoch, keyring.wrap(key, v.root, v.practice, "patient")]
        return exchange.Batch(v.practice, (), suite.seal(cbor.dumps([row]), v.control, practice=v.practice, part=keys_in.KEYS))


def test_a_false_key_that_came_first_closes_no_file(known: Two) -> None:
    with known.b:
        paul = patients.register(by=known.cast["petit"], birth_name="DURAND", first_given_name="Paul", birth_date=date(1970, 1, 2),
                                 birth_sex="M", despite=True)  # fmt: skip
    with known.a:
        arrival.take(a_false_key(known, paul), queries.standing)
    hears(known.a, known.b)
    with known.a:
        assert Patient.objects.get(id=paul).birth_name == "DURAND"
        arrival.take(a_false_key(known, paul), queries.standing)
        assert queries.talks().aside == 0


def test_a_file_erased_here_gets_no_key_again(known: Two) -> None:
    with known.a:
        journal.erase(known.jeanne, reason="Demande écrite", by=known.cast["moreau"])
        arrival.take(a_false_key(known, known.jeanne), queries.standing)
        assert run("default", "SELECT wrapped FROM journal_key WHERE ref = ?", known.jeanne.bytes).fetchall() == [(None,)]


def test_millions_of_nothings_are_refused_before_they_are_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight megabytes of empty entries would take a gigabyte, and the time of everybody's pages: a revoked machine may send them."""
    built: list[int] = []
    monkeypatch.setattr(cbor, "loads", lambda data: built.append(len(data)) or {})
    count = exchange.MOST_BYTES // 5
    said = b"".join((b"\xa4\x01\x01\x02\x50", bytes(16), b"\x03", cbor.head(0x80, count), b"\x84\x40\x40\x40\xf6" * count, b"\x04\x40"))
    with pytest.raises(exchange.Malformed):
        exchange.Batch.decode(said)
    assert built == []


@pytest.mark.parametrize(("value", "items"), [
    (0, 1), (b"x" * 300, 1), ("é" * 70_000, 1), ([], 1), ([1, [2, {}]], 5), ({"a": [None, True], "b": -5}, 7), ({1: {2: {3: b""}}}, 7),
])  # fmt: skip
def test_items_are_counted_as_they_are(value: object, items: int) -> None:
    data = cbor.dumps(value)
    cbor.check_few(data, items)
    cbor.check_few(data + bytes(50), items)  # padded
    with pytest.raises(cbor.Malformed):
        cbor.check_few(data, items - 2)


def test_what_is_said_of_a_machine_is_never_larger_than_a_page(known: Two) -> None:
    forge(known.b, "sync.replica", UUID(bytes=known.b.replica), {"hosts": ["x" * 1000] * 1000}, by=known.cast["moreau"])
    hears(known.a, known.b)
    with known.a:
        assert b_of(known).hosts == ["portable"]


def test_what_came_before_its_key_stops_nobody_when_it_is_read_at_last(known: Two) -> None:
    with known.b:
        paul = patients.register(by=known.cast["petit"], birth_name="DURAND", first_given_name="Paul", birth_date=date(1970, 1, 2),
                                 birth_sex="M", despite=True)  # fmt: skip
    forge(known.b, "patients.patient", paul, {"birth_date": "2026-13-45"}, by=known.cast["petit"], patient=paul)
    with known.a:
        held = arrival.held()
    with known.b:
        (batch,) = departure.give(exchange.Asked(held)).batches
    with known.a:
        arrival.take(replace(batch, keys=b""), queries.standing)
        assert not Patient.objects.filter(id=paul).exists()
        arrival.take(replace(batch, entries=()), queries.standing)
        assert Patient.objects.get(id=paul).birth_name == "DURAND"
