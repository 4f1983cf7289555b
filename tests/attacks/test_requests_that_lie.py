"""Strangers, thieves of cookies, and members who bend requests: methods, bodies, hosts, tickets, sessions, tries."""

import dataclasses
import io
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, RequestFactory

from permanence.accounts import actions as accounts
from permanence.accounts import sessions
from permanence.accounts.permissions import today
from permanence.consultations import actions as clinical
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.web.account.limits import Brake
from permanence.web.proof import intake
from permanence.web.proof.keys import token_hash
from permanence.web.routes import Tag, rule_of, walk
from tests.attacks.conftest import NAVIGATION, Browser, make_patient
from tests.attacks.test_nobody_reads_through_another_door import filled
from tests.proof.tools import HOST, ORIGIN, BrowserKey

SHAPES = [
    b"",
    b"null",
    b"[]",
    b"0",
    b'"x"',
    b"{",
    b"{}",
    b'{"jwk":1}',
    b'{"jwk":{"kty":"EC","crv":"P-256","x":"","y":""}}',
    b'{"code":["a"]}',
    b'{"code":"\\ud800","name":"\\ud800"}',
    b'{"nonce":"\\u0000"}',
    b"\xff\xfe",
    b"[" * 50_000,
    b'{"a":' * 20_000,
    b"9" * 60_000,
    b'{"opened":"' + b"A" * 60_000 + b'"}',
    b'{"credential":{"id":"AA","response":{"clientDataJSON":"AA"}},"nonce":"AA","jwk":{}}',
    b'{"x":1e999}',
    b'{"jwk":{"kty":"EC","crv":"P-256","x":"' + b"A" * 43 + b'","y":"' + b"A" * 43 + b'"}}',
]


def every_address(tags: set[Tag]) -> list[tuple[str, Any]]:
    found = []
    for pattern, item in walk():
        rule = rule_of(item.callback)
        if rule.tag in tags:
            found += [(path, rule) for path in filled(pattern, item, uuid4(), {})[:1]]
    return found


# -- an outsider


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH", "POST", "PROPFIND"])
def test_no_method_gives_a_stranger_more_than_the_shell(method: str, marked: SimpleNamespace) -> None:
    client = Client(raise_request_exception=False)
    for pattern, item in walk():
        if rule_of(item.callback).tag is Tag.PUBLIC:
            continue
        path = filled(pattern, item, marked.files["ouvert"], {})[0]
        answer = client.generic(method, path, secure=True, HTTP_HOST=HOST, headers=NAVIGATION)
        assert answer.status_code in (401, 403), path
        assert not any(word in answer.content.decode() for word in (*marked.words, "MARQUE", "Moreau", "Tilleuls"))


@pytest.mark.parametrize("shape", SHAPES, ids=range(len(SHAPES)))
def test_no_body_breaks_or_opens_a_ceremony(shape: bytes, site: None, cast: Mapping[str, Actor]) -> None:
    stranger = Browser()
    stranger.plain("/entrer", headers=NAVIGATION)
    extra = {"X-CSRFToken": stranger.client.cookies["__Host-csrf"].value, "Referer": ORIGIN + "/"}
    for path, _ in every_address({Tag.PUBLIC}):
        for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
            answer = stranger.plain(path, method="POST", data=shape, content_type=kind, headers=extra)
            assert 400 <= answer.status_code < 500 or answer.json() == {"next": "/entrer"}, (path, kind)
            assert "__Host-session" not in answer.cookies
            assert "__Host-post" not in answer.cookies


def test_a_body_above_what_a_ceremony_needs_is_not_read(site: None) -> None:
    class Trap(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("read")

    request = RequestFactory().generic("POST", "/session", b"", content_type="application/json")
    request.META["CONTENT_LENGTH"] = str(intake.MOST_BYTES + 1)
    request.META["wsgi.input"] = Trap()
    answer = intake.take(request)
    assert answer is not None
    assert answer.status_code == 413


def test_bodies_that_never_come_hold_two_threads_for_a_moment_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "SECONDS", 1.5)
    never, begun, answers = threading.Event(), threading.Semaphore(0), list[int]()
    request = RequestFactory().generic("POST", "/session", b"{", content_type="application/json")
    monkeypatch.setattr(type(request), "body", property(lambda self: (begun.release(), never.wait(60))), raising=False)

    def slow() -> None:
        mine = RequestFactory().generic("POST", "/session", b"{", content_type="application/json")
        answer = intake.take(mine)
        answers.append(answer.status_code if answer else 0)

    threads = [threading.Thread(target=slow) for _ in range(6)]
    for thread in threads[:2]:
        thread.start()
        assert begun.acquire(timeout=60)  # its body is waited for
    for thread in threads[2:]:
        thread.start()
    for thread in threads:
        thread.join(60)
    never.set()
    assert answers == [503, 503, 503, 503, 408, 408]


@pytest.mark.parametrize(("patience", "refused"), [(0.0, 2), (60.0, 0)])
def test_machines_that_ask_at_the_same_moment_wait_for_each_other(monkeypatch: pytest.MonkeyPatch, patience: float, refused: int) -> None:
    large = intake.Large(1000, 60.0, lambda request: None, patience=patience)
    request = RequestFactory().generic("POST", "/entre-machines/entries", b"{", content_type="application/cbor")
    answers, together, others = list[int](), threading.Barrier(3), threading.Semaphore(0)

    def body(self: Any) -> None:
        """The first comes when the others have been refused, or a moment later when they wait."""
        for _ in range(refused):
            others.acquire(timeout=60)
        time.sleep(0 if refused else 0.2)
        self._body = b"{"

    monkeypatch.setattr(type(request), "body", property(body), raising=False)

    def send() -> None:
        mine = RequestFactory().generic("POST", "/entre-machines/entries", b"{", content_type="application/cbor")
        together.wait()
        answer = intake.take(mine, large)
        answers.append(answer.status_code if answer else 0)
        others.release()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers.count(503) == refused
    assert answers.count(0) == 3 - refused


def test_one_stranger_does_not_shut_the_door_on_everybody(rf: RequestFactory) -> None:
    brake = Brake(each=3, total=1000)
    for i in range(30):  # one neighbour has a whole /64
        try:
            brake.spend(rf.get("/", REMOTE_ADDR=f"2001:db8::{i:x}"))
        except Refused:
            assert i >= 3
    with pytest.raises(Refused):
        brake.spend(rf.get("/", REMOTE_ADDR="2001:db8::ffff"))
    brake.spend(rf.get("/", REMOTE_ADDR="2001:db8:0:1::1"))
    brake.spend(rf.get("/", REMOTE_ADDR="192.0.2.1"))
    brake.spend(rf.get("/", REMOTE_ADDR="::ffff:192.0.2.2"))
    brake.spend(rf.get("/", REMOTE_ADDR="::ffff:192.0.2.3"))


def test_a_code_is_tried_twenty_times_from_one_place(site: None, cast: Mapping[str, Actor]) -> None:
    stranger = Browser()
    stranger.plain("/entrer", headers=NAVIGATION)
    extra = {"X-CSRFToken": stranger.client.cookies["__Host-csrf"].value, "Referer": ORIGIN + "/"}
    body = json.dumps({"code": "ABCD-EFGH-JK", "keyid": "x"}).encode()
    codes = [
        stranger.plain("/invitation/preparer", method="POST", data=body, content_type="application/json", headers=extra).json()["code"]
        for _ in range(22)
    ]
    assert codes == ["code"] * 20 + ["tries"] * 2


@pytest.mark.parametrize(
    "host", ["evil.example", f"{HOST}:444", f"{HOST}.evil.example", f"x@{HOST}", "localhost:8001", "127.0.0.1", "", f"{HOST},evil"]
)
def test_no_other_host_is_served(host: str, browse: Callable[[str], Browser]) -> None:
    browser = browse("moreau")
    assert browser.send("/", host=host).status_code == 400
    assert browser.send("/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}).status_code == 200


# -- a thief of cookies


def test_a_stolen_cookie_does_not_even_make_the_practice_wait_for_a_body(
    browse: Callable[[str], Browser], cast: Mapping[str, Actor]
) -> None:
    owner, thief = browse("moreau"), Browser()
    thief.client.cookies["__Host-session"] = owner.client.cookies["__Host-session"].value
    thief.nonce = owner.nonce
    reads: list[int] = []

    class Watched(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            reads.append(1)
            return super().read(*size)

    proof = BrowserKey().headers("POST", "/patients/nouveau/", owner.nonce, body=b"x")
    answer = thief.client.generic(
        "POST", "/patients/nouveau/", b"x", secure=True, HTTP_HOST=HOST, headers=proof, **{"wsgi.input": Watched(b"x")}
    )
    assert (answer.status_code, answer.headers["PoP-Error"], reads) == (401, "unknown-key", [])


def test_a_ticket_serves_no_other_session_address_method_or_time(browse: Callable[[str], Browser], cast: Mapping[str, Actor]) -> None:
    patient = make_patient(cast["moreau"], "Billet")
    owner, other = browse("moreau"), browse("benali")

    def ticket() -> str:
        body = json.dumps({"adresse": f"/patients/{patient}/identite/"}).encode()
        return str(owner.send("/billet", body, content_type="application/json").json()["adresse"])

    first = ticket()
    assert other.plain(first).status_code == 401
    assert owner.plain(first).status_code == 401, "shown by another, it is lost"
    second = ticket()
    assert owner.plain(second.replace("identite", "lectures")).status_code == 401
    third = ticket()
    assert owner.plain(third, method="POST").status_code in (401, 403)
    assert owner.plain(third).status_code == 200
    assert owner.plain(third).status_code == 401
    fourth = ticket()
    sessions.lock(owner.session.id)
    assert owner.plain(fourth).status_code == 401


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/",
        "https://evil.example/",
        "/sante",
        "/static/x",
        "javascript:evil()",
        "/patients/../sante",
        "\\\\evil",
        "/entrer",
        "",
        "/patients/\r\nX: y/",
    ],
)
def test_no_ticket_leads_elsewhere(address: str, browse: Callable[[str], Browser]) -> None:
    body = json.dumps({"adresse": address}).encode()
    assert browse("moreau").send("/billet", body, content_type="application/json").status_code == 403


# -- sessions that should not be


def test_a_session_of_the_console_is_good_at_the_console_only(site: None, cast: Mapping[str, Actor], settings: Any) -> None:
    settings.PERMANENCE_CONSOLE_ORIGIN = "http://localhost:8001"
    key, token = BrowserKey(), "console-token"
    assert cast["moreau"].member is not None
    sessions.start(
        member=cast["moreau"].member,
        post=None,
        assurance="console",
        tier="worker",
        thumbprint=key.keyid,
        public_key=key.jwk,
        token_hash=token_hash(token),
    )
    away = Browser()
    away.key, away.client.cookies["__Host-session"] = key, token
    assert away.send("/").headers["PoP-Error"] == "session"
    here = Client(raise_request_exception=False)
    here.cookies["permanence-session"] = token
    assert here.get("/", HTTP_HOST="localhost:8001").headers["PoP-Error"] == "missing"
    for lie in ({"REMOTE_ADDR": "192.0.2.7"}, {"wsgi.url_scheme": "https"}, {"REMOTE_ADDR": "::ffff:192.0.2.7"}, {"REMOTE_ADDR": ""}):
        assert here.get("/", HTTP_HOST="localhost:8001", **lie).status_code == 400


def test_a_session_of_a_post_is_not_good_at_the_console(browse: Callable[[str], Browser], settings: Any) -> None:
    settings.PERMANENCE_CONSOLE_ORIGIN = "http://localhost:8001"
    here = Client(raise_request_exception=False)
    here.cookies["permanence-session"] = browse("moreau").client.cookies["__Host-session"].value
    assert here.get("/", HTTP_HOST="localhost:8001").headers["PoP-Error"] == "session"


def test_no_demo_session_exists_in_a_real_practice(site: None, cast: Mapping[str, Actor], settings: Any) -> None:
    settings.PERMANENCE_DEMO = True
    settings.PERMANENCE_ORIGIN = "http://bureau.tilleuls.localhost:8000"
    key = BrowserKey()
    assert cast["moreau"].member is not None
    with pytest.raises(Refused, match="fictif"):
        sessions.start(
            member=cast["moreau"].member,
            post=None,
            assurance="demo",
            tier="page",
            thumbprint=key.keyid,
            public_key=key.jwk,
            token_hash=b"x" * 32,
        )
    for call in (
        lambda by: clinical.add_private_note(uuid4(), by=by, text="x"),
        lambda by: accounts.invite_member(family_name="A", given_name="B", profession="medecin", status="titulaire", by=by),
    ):
        with pytest.raises(Refused):
            call(Actor.machine("demo"))
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    host = "bureau.tilleuls.localhost:8000"
    assert b"Entrer comme" not in client.get("/entrer", HTTP_HOST=host, headers=NAVIGATION).content
    body = json.dumps({"member": str(cast["moreau"].member), "jwk": key.jwk, "tier": "page"}).encode()
    answer = client.generic(
        "POST",
        "/demo/entrer",
        body,
        content_type="application/json",
        HTTP_HOST=host,
        headers={"X-CSRFToken": client.cookies["permanence-csrf"].value, "Origin": f"http://{host}"},
    )
    assert answer.status_code == 404


def test_who_has_left_or_whose_time_is_over_reads_nothing_with_any_session(
    browse: Callable[[str], Browser], cast: Mapping[str, Actor]
) -> None:
    moreau = cast["moreau"]
    for name in ("petit", "hugo", "sophie", "nadia"):
        assert browse(name).send("/patients/").status_code == 200
    accounts.depart_member(cast["sophie"].member, by=moreau)  # type: ignore[arg-type]
    assert browse("nadia").session.post is not None
    accounts.revoke_post(browse("nadia").session.post, by=moreau)
    assert browse("sophie").send("/patients/").headers["PoP-Error"] == "session"
    assert browse("nadia").send("/patients/").headers["PoP-Error"] == "session"
    with clock.override(clock.now() + timedelta(days=15)):
        assert today() > clock.now().date() - timedelta(days=1)
        assert browse("petit").send("/patients/").headers["PoP-Error"] == "session"


def test_a_member_neither_sees_nor_ends_a_session_of_another(browse: Callable[[str], Browser], cast: Mapping[str, Actor]) -> None:
    victim = browse("moreau").session
    for name in ("sophie", "petit", "hugo", "yann", "bruno", "lucie"):
        for path in (f"/sessions/{victim.id}/terminer", f"/cabinet/sessions/{victim.id}/clore/"):
            assert browse(name).send(path, {}).status_code == 403
        assert browse(name).send(f"/cabinet/membres/{victim.member}/").status_code == 403
    assert browse("moreau").send("/").status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "PATCH"])
def test_no_other_method_writes(method: str, browse: Callable[[str], Browser], cast: Mapping[str, Actor]) -> None:
    patient, browser = make_patient(cast["moreau"], "Méthode"), browse("moreau")
    note = clinical.sign_note(patient, by=cast["moreau"], fields={"motif": "m"})
    before = vault.current()
    for path in (
        f"/patients/{patient}/antecedent/",
        f"/patients/{patient}/note/signer/",
        f"/patients/{patient}/note/{note}/deplacer/",
        f"/cabinet/membres/{cast['benali'].member}/depart/",
        f"/patients/{patient}/identite/modifier/",
    ):
        answer = browser.send(path, {"label": "x", "kind": "medical", "motif": "x", "to": str(patient)}, method=method)
        assert answer.status_code != 303, path
        assert "HX-Redirect" not in answer.headers
    assert before is vault.current()
    assert clinical.remove_line is not None


def test_a_proved_write_of_another_site_is_refused(browse: Callable[[str], Browser], cast: Mapping[str, Actor]) -> None:
    patient, browser = make_patient(cast["moreau"], "Croisé"), browse("moreau")
    path, data = f"/patients/{patient}/antecedent/", {"label": "x", "kind": "medical"}
    assert browser.send(path, data, csrf=False).status_code == 403
    assert browser.send(path, data, csrf=False, headers={"X-CSRFToken": "A" * 32, "Origin": "https://evil.example"}).status_code == 403
    assert browser.send(path, data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert browser.send(path, data, headers={"Origin": "null"}).status_code == 403


# -- sealed


def test_sealed_nothing_is_served_and_nobody_is_named(
    browse: Callable[[str], Browser], marked: SimpleNamespace, practice: vault.Vault
) -> None:
    browser, keys = browse("moreau"), vault.current()
    vault.use(None)
    try:
        for pattern, item in walk():
            path = filled(pattern, item, marked.files["ouvert"], {})[0]
            for answer in (browser.send(path, headers=NAVIGATION), browser.send(path, {"label": "x"})):
                rule = rule_of(item.callback)
                assert answer.status_code in (302, 503, 404, 405) or rule.sealed or answer.status_code == 403, path
                assert not any(word in answer.content.decode() for word in (*marked.words, "MARQUE", "Moreau", "Tilleuls")), path
    finally:
        vault.use(dataclasses.replace(keys))
