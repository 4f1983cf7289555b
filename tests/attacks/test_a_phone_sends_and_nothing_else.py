"""The phone's door: one code, one phone, ten minutes, pictures only, for the patient on the screen only; it never reads."""

import io
import logging
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse

from permanence.accounts import actions as accounts
from permanence.accounts import rules, sessions
from permanence.documents import queries
from permanence.documents import rules as document_rules
from permanence.journal import access, live, vault
from permanence.journal.doors import Actor
from permanence.lib import codes as drawing
from permanence.lib import pictures
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.web.photo import pairing, phone
from permanence.web.photo.pairing import MOST_PICTURES, SENDING_S, WAITING_S
from permanence.web.proof.keys import token_hash
from tests.attacks.conftest import NAVIGATION, Browser, make_patient
from tests.cast import reader_for
from tests.lib.test_pictures import SECRET, bomb, shot, with_place
from tests.proof.tools import ORIGIN, BrowserKey

Browse = Callable[[str], Browser]


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """The practice's codes on a clock of the test's, and none of another test's."""
    made = Clock()
    monkeypatch.setattr(pairing.codes, "_now", made)
    pairing.codes.forget()
    yield made
    pairing.codes.forget()


@pytest.fixture(autouse=True)
def public(settings: Any, clock: Clock) -> None:
    settings.PERMANENCE_TLS = "files"


class Phone(Browser):
    """A browser without a session that has loaded the page of the code."""

    def __init__(self) -> None:
        super().__init__()
        assert self.plain("/photo", headers=NAVIGATION).status_code == 200
        self.extra = {"X-CSRFToken": self.client.cookies["__Host-csrf"].value, "Referer": ORIGIN + "/"}

    def claim(self, ticket: str) -> HttpResponse:
        return self.plain("/photo/ouvrir", method="POST", data=b'{"ticket":"%s"}' % ticket.encode(), content_type="application/json",
                          headers=self.extra)

    def picture(self, data: bytes, **more: Any) -> HttpResponse:
        return self.plain("/photo/image", method="POST", data=data, content_type="image/jpeg", headers=self.extra, **more)

    def done(self) -> HttpResponse:
        return self.plain("/photo/terminer", method="POST", data=b"{}", content_type="application/json", headers=self.extra)


def code(browser: Browser, patient: UUID) -> str:
    """What the screen shows: the code's words, from what is drawn for the very address."""
    answer = browser.send(f"/patients/{patient}/photo/")
    assert answer.status_code == 200, answer.content.decode()[-500:]
    found = pairing.codes.of(browser.session.id)
    assert found is not None
    return found.ticket


def filed(patient: UUID) -> list[UUID]:
    rows = run("default", "SELECT id FROM documents_document WHERE patient_id = ? AND origin = 'photo' ORDER BY received_at", patient.hex)
    return [UUID(row[0]) for row in rows.fetchall()]


@pytest.fixture
def jeanne(site: None, cast: Mapping[str, Actor]) -> UUID:
    return make_patient(cast["moreau"], "Photographiée")


# -- what it is for


def test_a_picture_is_filed_by_who_showed_the_code(browse: Browse, cast: Mapping[str, Actor], jeanne: UUID) -> None:
    doctor, mobile = browse("moreau"), Phone()
    linked = mobile.claim(code(doctor, jeanne))
    assert (linked.status_code, linked.json()["sent"]) == (200, 0)
    assert mobile.picture(with_place()).json()["sent"] == 1
    [document] = filed(jeanne)
    row = queries.document(document, reader=reader_for(cast["moreau"]))
    assert (row.author_id, row.origin, row.mime, row.type_label) == (cast["moreau"].member, "photo", "image/jpeg", "Photo")
    assert re.fullmatch(r"Photo du \d\d/\d\d/\d{4}", row.title)
    shown = doctor.send(f"/patients/{jeanne}/photo/etat/")
    assert str(document) in shown.content.decode()


def test_place_and_maker_are_not_stored_and_what_is_stored_is_not_legible(
    browse: Browse, cast: Mapping[str, Actor], jeanne: UUID, tmp_path: Path
) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    assert mobile.picture(with_place()).status_code == 200
    kept = queries.content(filed(jeanne)[0], reader=reader_for(cast["moreau"])).data
    assert SECRET.encode() not in kept
    assert b"Exif" not in kept
    sealed = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert sealed
    for data in sealed:
        assert kept[:20] not in data  # what every JPEG begins with
        assert kept[200:264] not in data


def test_a_secretary_files_what_she_photographs_and_reads_it_again(browse: Browse, jeanne: UUID) -> None:
    desk, mobile = browse("sophie"), Phone()
    mobile.claim(code(desk, jeanne))
    assert mobile.picture(shot()).status_code == 200
    assert desk.send(f"/patients/{jeanne}/document/{filed(jeanne)[0]}/contenu").status_code == 200


@pytest.mark.parametrize("name", ["bruno", "yann"])
def test_who_may_not_file_gets_no_code(name: str, browse: Browse, jeanne: UUID) -> None:
    answer = browse(name).send(f"/patients/{jeanne}/photo/")
    assert answer.status_code in (403, 404)
    assert pairing.codes.of(browse(name).session.id) is None


def test_the_same_picture_sent_twice_is_filed_once(browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    assert [mobile.picture(shot()).json()["sent"] for _ in range(2)] == [1, 1]
    assert len(filed(jeanne)) == 1


def test_a_page_read_again_goes_on(browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    ticket = code(browse("moreau"), jeanne)
    first = mobile.claim(ticket).json()
    assert mobile.claim("").json()["number"] == first["number"]
    assert mobile.claim(ticket).json()["number"] == first["number"], "the same phone scans again: it is no second phone"
    assert mobile.picture(shot()).status_code == 200


# -- one code, one phone


def test_a_second_phone_closes_the_code_for_both_and_both_sides_are_told(browse: Browse, jeanne: UUID) -> None:
    doctor, first, second = browse("moreau"), Phone(), Phone()
    ticket = code(doctor, jeanne)
    assert first.claim(ticket).status_code == 200
    refused = second.claim(ticket)
    assert (refused.status_code, refused.json()["code"]) == (403, "twice")
    assert "__Host-phone" not in second.client.cookies
    assert first.picture(shot()).json()["code"] == "over"
    assert "Deux téléphones" in doctor.send(f"/patients/{jeanne}/photo/etat/").content.decode()
    assert filed(jeanne) == []


def test_a_code_waits_two_minutes_and_then_takes_ten(browse: Browse, jeanne: UUID, clock: Clock) -> None:
    doctor, mobile = browse("moreau"), Phone()
    ticket = code(doctor, jeanne)
    clock.seconds += WAITING_S
    assert mobile.claim(ticket).json()["code"] == "over"
    assert mobile.claim(code(doctor, jeanne)).status_code == 200
    clock.seconds += SENDING_S - 1
    assert mobile.picture(shot()).status_code == 200
    clock.seconds += 1
    assert mobile.picture(shot((90, 90))).json()["code"] == "over"
    assert len(filed(jeanne)) == 1


def test_no_code_outlives_what_locks_an_idle_session() -> None:
    assert rules.IDLE.total_seconds() > WAITING_S + SENDING_S


def test_ten_pictures_and_no_more(browse: Browse, jeanne: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "cleaned", lambda data: data)
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    for number in range(MOST_PICTURES):
        assert mobile.picture(b"\xff\xd8\xff%d" % number).status_code == 200
    assert mobile.picture(b"\xff\xd8\xff more").json()["code"] == "full"
    assert len(filed(jeanne)) == MOST_PICTURES


@pytest.mark.parametrize("ticket", ["", "A" * 32, "billet", "' OR 1=1", "\u00e9" * 8])
def test_a_made_up_code_opens_nothing(ticket: str, browse: Browse, jeanne: UUID) -> None:
    code(browse("moreau"), jeanne)
    mobile = Phone()
    assert mobile.claim(ticket).status_code in (400, 403)
    assert "__Host-phone" not in mobile.client.cookies


def test_another_patients_screen_closes_the_first_ones_code(browse: Browse, cast: Mapping[str, Actor], jeanne: UUID) -> None:
    doctor, mobile, other = browse("moreau"), Phone(), make_patient(cast["moreau"], "Suivante")
    mobile.claim(code(doctor, jeanne))
    code(doctor, other)
    assert mobile.picture(shot()).json()["code"] == "over"
    assert (filed(jeanne), filed(other)) == ([], [])


def test_one_doctors_code_is_not_on_anothers_screen(browse: Browse, jeanne: UUID) -> None:
    first, second = code(browse("moreau"), jeanne), code(browse("benali"), jeanne)
    assert first != second
    assert first not in browse("benali").send(f"/patients/{jeanne}/photo/").content.decode()
    assert browse("benali").send(f"/patients/{jeanne}/photo/fermer/", {}).status_code == 303
    assert Phone().claim(first).status_code == 200, "who closes, closes their own"


# -- it ends with the session


def _locked(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    sessions.lock(doctor.session.id)


def _locked_and_back(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    sessions.lock(doctor.session.id)
    sessions.unlock(doctor.session.id)


def _ended(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    sessions.end(doctor.session.id)


def _signed_out(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    assert doctor.send("/session/fermer", {}).status_code == 302


def _frozen(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    sessions.freeze(doctor.session.id)


def _post_revoked(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    assert doctor.session.post is not None
    accounts.revoke_post(doctor.session.post, by=cast["moreau"])


def _departed(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    accounts.depart_member(doctor.session.member, by=cast["moreau"])


def _sealed(doctor: Browser, cast: Mapping[str, Actor]) -> None:
    pairing.codes.forget()


ENDS = [_locked, _locked_and_back, _ended, _signed_out, _frozen, _post_revoked, _departed, _sealed]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("linked", [True, False])
def test_a_code_ends_with_the_session_that_showed_it(
    end: Callable[[Browser, Mapping[str, Actor]], None], linked: bool, browse: Browse, cast: Mapping[str, Actor], jeanne: UUID
) -> None:
    doctor, mobile = browse("benali"), Phone()
    ticket = code(doctor, jeanne)
    if linked:
        assert mobile.claim(ticket).status_code == 200
    end(doctor, cast)
    answer = mobile.picture(shot()) if linked else mobile.claim(ticket)
    assert (answer.status_code, answer.json()["code"]) == (403, "over")
    assert filed(jeanne) == []


def test_a_session_locked_while_a_picture_is_drawn_files_nothing(
    browse: Browse, jeanne: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor, mobile = browse("moreau"), Phone()
    mobile.claim(code(doctor, jeanne))

    def drawn(data: bytes) -> bytes:
        sessions.lock(doctor.session.id)
        return data

    monkeypatch.setattr(pictures, "cleaned", drawn)
    assert mobile.picture(shot()).json()["code"] == "over"
    assert filed(jeanne) == []


def test_a_code_closed_on_either_side_takes_nothing_more(browse: Browse, jeanne: UUID) -> None:
    doctor, mobile = browse("moreau"), Phone()
    mobile.claim(code(doctor, jeanne))
    doctor.send(f"/patients/{jeanne}/photo/fermer/", {})
    assert mobile.picture(shot()).json()["code"] == "over"
    mobile.claim(code(doctor, jeanne))
    assert mobile.done().status_code == 200
    assert mobile.picture(shot()).status_code == 403
    assert "Terminé sur le téléphone" in doctor.send(f"/patients/{jeanne}/photo/etat/").content.decode()


def test_into_a_file_that_was_erased_meanwhile_nothing_is_filed(browse: Browse, cast: Mapping[str, Actor], jeanne: UUID) -> None:
    doctor, mobile = browse("moreau"), Phone()
    mobile.claim(code(doctor, jeanne))
    patients.erase(jeanne, by=cast["moreau"], reason="Demande du patient")
    answer = mobile.picture(shot())
    assert (answer.status_code, answer.json()["code"]) == (409, "not_filed")
    assert filed(jeanne) == []


# -- strangers' bodies


class Watched(io.BytesIO):
    """A body that says whether anybody read it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads = 0

    def read(self, *size: Any) -> bytes:
        self.reads += 1
        return super().read(*size)


@pytest.mark.parametrize("who", ["stranger", "second", "late", "locked"])
def test_without_a_good_code_a_body_is_not_read(who: str, browse: Browse, jeanne: UUID, clock: Clock) -> None:
    doctor, first, mobile = browse("moreau"), Phone(), Phone()
    ticket = code(doctor, jeanne)
    if who in ("second", "late", "locked"):
        (first if who == "second" else mobile).claim(ticket)
    if who == "second":
        mobile.client.cookies["__Host-phone"] = "A" * 43
    elif who == "late":
        clock.seconds += SENDING_S
    elif who == "locked":
        sessions.lock(doctor.session.id)
    body = Watched(shot())
    answer = mobile.picture(shot(), **{"wsgi.input": body})
    assert (answer.status_code, answer.json()["code"], body.reads) == (403, "over", 0)


def test_a_phone_that_is_linked_sends_no_more_than_a_picture(browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    body = Watched(b"x")
    answer = mobile.picture(b"x", **{"wsgi.input": body, "CONTENT_LENGTH": str(pictures.LARGEST + 1)})
    assert (answer.status_code, body.reads) == (413, 0)
    assert mobile.plain("/photo/ouvrir", method="POST", data=b"x" * 70_000, headers=mobile.extra).status_code == 413


@pytest.mark.parametrize("data", [b"", b"<html><script>alert(1)</script>", b"<svg/>", b"\xff\xd8\xff<script>", b"%PDF-1.7", bomb(40_000),
                                  shot(format="GIF")], ids=range(7))
def test_what_is_no_photograph_is_refused_and_what_came_before_is_kept(data: bytes, browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    assert mobile.picture(shot()).status_code == 200
    answer = mobile.picture(data)
    assert (answer.status_code, answer.json()["code"]) == (422, "picture")
    assert len(filed(jeanne)) == 1
    assert mobile.picture(shot((80, 80))).json()["sent"] == 2


def test_a_form_of_another_site_sends_nothing(browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    token = mobile.extra.pop("X-CSRFToken")
    assert mobile.picture(shot()).status_code == 403
    mobile.extra |= {"X-CSRFToken": token, "Origin": "https://evil.example"}
    assert mobile.picture(shot()).status_code == 403
    assert filed(jeanne) == []


def test_a_linked_phone_reads_nothing(browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    mobile.picture(shot())
    for path in (f"/patients/{jeanne}/", f"/patients/{jeanne}/photo/", f"/patients/{jeanne}/document/{filed(jeanne)[0]}/contenu", "/"):
        assert mobile.plain(path, headers=NAVIGATION).status_code == 401
    said = mobile.claim("").json()
    assert set(said) == {"number", "sent", "most", "seconds"}


def test_the_phones_page_names_nobody(browse: Browse, jeanne: UUID) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    text = mobile.plain("/photo", headers=NAVIGATION).content.decode()
    assert not re.search("Photographiée|Moreau|Tilleuls|1961-05-09|09/05/1961", text, re.IGNORECASE)


# -- the code itself


def test_the_code_is_in_no_log_and_in_no_address(
    browse: Browse, jeanne: UUID, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses: list[str] = []
    kept = Browser.plain

    def noted(self: Browser, path: str, **more: Any) -> HttpResponse:
        addresses.append(path)
        return kept(self, path, **more)

    monkeypatch.setattr(Browser, "plain", noted)
    with caplog.at_level(logging.DEBUG):
        mobile = Phone()
        ticket = code(browse("moreau"), jeanne)
        mobile.claim(ticket)
        mobile.picture(b"<html>")
        mobile.picture(shot())
        mobile.done()
        Phone().claim(ticket)
    secret = mobile.client.cookies["__Host-phone"].value or "-"
    assert not any(ticket in address for address in addresses)
    for word in (ticket, secret):
        assert word == "-" or word not in caplog.text
    assert ticket not in repr(pairing.codes.of(browse("moreau").session.id))


def test_the_code_is_drawn_with_our_own_address_and_after_the_sharp_sign(browse: Browse, jeanne: UUID) -> None:
    doctor = browse("moreau")
    ticket = code(doctor, jeanne)
    page = doctor.send(f"/patients/{jeanne}/photo/").content.decode()
    drawn = re.search(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)", page)
    assert drawn
    assert b64decode(drawn[1]).decode() == drawing.qr_svg(f"{ORIGIN}/photo#{ticket}")
    assert len(ticket) == 32, "24 random bytes"
    assert f"#{ticket}" not in page, "a link is for the demonstration only"


def test_the_screen_is_told_by_an_id_that_says_nothing(browse: Browse, jeanne: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Mapping[str, Any]] = []
    monkeypatch.setattr(live, "publish", told.append)
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    found = pairing.codes.of(browse("moreau").session.id)
    assert found is not None
    assert told == [{"photo": (found.id,)}]
    assert found.id not in (jeanne, browse("moreau").session.id)


# -- where only our posts trust our certificate


def enrolled(mobile: Phone, by: Actor, *, approved: bool = True) -> None:
    key, token = BrowserKey(), uuid4().hex
    invited = accounts.invite_post(name="Téléphone de Claire", by=by).code
    post = accounts.enrol_post(invited, token_hash=token_hash(token), thumbprint=key.keyid, public_key=key.jwk, by=Actor.machine("sign_in"))
    if approved:
        accounts.approve_post(post, by=by)
    mobile.client.cookies["__Host-post"] = token


def test_with_our_own_authority_only_a_phone_that_is_a_post_is_linked(
    browse: Browse, cast: Mapping[str, Actor], jeanne: UUID, settings: Any
) -> None:
    settings.PERMANENCE_TLS = "own-ca"
    doctor, stranger, ours = browse("moreau"), Phone(), Phone()
    enrolled(ours, cast["moreau"])
    ticket = code(doctor, jeanne)
    assert stranger.claim(ticket).json()["code"] == "post"
    told = doctor.send(f"/patients/{jeanne}/photo/etat/").content.decode()
    assert "n’est pas un poste" in told
    assert ours.claim(ticket).status_code == 200, "who is refused does not use the code up"
    assert "Téléphone de Claire" in doctor.send(f"/patients/{jeanne}/photo/etat/").content.decode()
    assert ours.picture(shot()).status_code == 200


def test_each_kind_of_certificate_says_what_is_missing(browse: Browse, jeanne: UUID, settings: Any) -> None:
    def said(name: str) -> str:
        return browse(name).send(f"/patients/{jeanne}/photo/").content.decode()

    settings.PERMANENCE_TLS = "own-ca"
    assert "Enregistrer ce téléphone comme poste" in said("moreau")
    assert "Demander à un titulaire" in said("sophie")
    settings.PERMANENCE_TLS = "files"
    assert "comme poste" not in said("moreau")
    settings.PERMANENCE_TLS = "localhost"
    assert "Démonstration" in said("moreau")
    found = pairing.codes.of(browse("moreau").session.id)
    assert found is not None
    assert f'href="{ORIGIN}/photo#{found.ticket}"' in said("moreau")


def test_sealed_the_door_is_shut(browse: Browse, jeanne: UUID) -> None:
    mobile, keys = Phone(), vault.current()
    mobile.claim(code(browse("moreau"), jeanne))
    vault.use(None)
    try:
        body = Watched(shot())
        assert mobile.picture(shot(), **{"wsgi.input": body}).status_code == 503
        assert body.reads == 0
    finally:
        vault.use(keys)


def test_a_picture_of_a_phone_is_a_known_origin() -> None:
    assert "photo" in document_rules.ORIGINS
    assert phone.pictures_only.most == pictures.LARGEST


def test_the_title_typed_beside_the_code_is_that_of_the_next_pictures(browse: Browse, cast: Mapping[str, Actor], jeanne: UUID) -> None:
    doctor, mobile = browse("moreau"), Phone()
    mobile.claim(code(doctor, jeanne))
    mobile.picture(shot())
    assert doctor.send(f"/patients/{jeanne}/photo/titre/", {"title": "  Avant-bras  droit "}).status_code == 204
    mobile.picture(shot((80, 80)))
    titles = [queries.document(one, reader=reader_for(cast["moreau"])).title for one in filed(jeanne)]
    assert titles[0].startswith("Photo du")
    assert titles[1] == "Avant-bras droit"
    mobile.done()
    assert "Avant-bras droit" in doctor.send(f"/patients/{jeanne}/photo/").content.decode(), "another code keeps what was typed"
    browse("benali").send(f"/patients/{jeanne}/photo/titre/", {"title": "Autre"})
    assert pairing.codes.of(doctor.session.id).title == "Avant-bras droit"  # type: ignore[union-attr]


def test_a_phone_that_is_linked_is_in_the_journal(browse: Browse, jeanne: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    doctor = browse("moreau")

    def entries() -> int:
        return int(run("access", "SELECT count(*) FROM journal_entry WHERE kind = 'access.session'").fetchone()[0])

    ticket = code(doctor, jeanne)
    before = entries()
    assert Phone().claim(ticket).status_code == 200
    assert entries() == before + 1
    ticket = code(browse("benali"), jeanne)

    def fails(*_: Any, **__: Any) -> Any:
        raise access.NotJournalled

    monkeypatch.setattr(access, "note", fails)
    mobile = Phone()
    assert mobile.claim(ticket).json()["code"] == "journal"
    assert mobile.picture(shot()).status_code == 403


def test_while_one_picture_is_drawn_another_is_asked_to_come_back(browse: Browse, jeanne: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    mobile = Phone()
    mobile.claim(code(browse("moreau"), jeanne))
    monkeypatch.setattr(pictures, "PATIENCE_S", 0.01)
    with pictures._one:
        assert mobile.picture(shot()).status_code == 503
    assert mobile.picture(shot()).json()["sent"] == 1
