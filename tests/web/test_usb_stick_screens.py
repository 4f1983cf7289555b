"""« Clé USB » as people see it: what leaves, what is read, and what each refusal tells them to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory
from django.urls import resolve

from permanence.journal import arrival, exchange, parcel, vault
from permanence.journal.doors import Actor
from permanence.journal.parcel import Kind
from permanence.journal.seal import Transport
from permanence.lib import cbor, suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions
from permanence.sync.actions.carrying import Counts
from permanence.sync.models import Carried
from permanence.web.proof.places import own_place
from permanence.web.proof.state import ProofState
from permanence.web.sync import carrying as screens
from tests.cast import open_session

WHO = ("moreau", "petit", "nadia", "sophie", "ines", "yann", "bruno")
Ask = Callable[..., HttpResponseBase]


@pytest.fixture
def ask() -> Ask:
    """A request that may be answered piece by piece, with or without a file; the token of the forms is only looked at when asked."""

    def call(actor: Actor, path: str, data: bytes | None = None, *, csrf: bool = False) -> HttpResponseBase:
        factory = RequestFactory(HTTP_HOST=own_place().authority, secure=own_place().secure)
        request = factory.get(path) if data is None else factory.post(
            path, {"file": SimpleUploadedFile("x.permanence", data)} if data != b"none" else {})  # fmt: skip
        request.proof_state = ProofState(session=open_session(actor), reference="proof")
        request.csp_nonce = "nonce"
        request._dont_enforce_csrf_checks = not csrf
        request.resolver_match = match = resolve(request.path)
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return answer

    return call


@pytest.fixture
def laptop(moreau: Actor) -> tuple[UUID, Transport]:
    """Another machine, whose box key is a real one."""
    key, _ = suite.signing_pair()
    id, transport = UUID(bytes=suite.replica_id(key)), Transport.new()
    keys = {"verify": key, "transport": transport.verify_key, "box": transport.public}
    actions.add_replica(id, keys, name="Portable", kind="laptop", hosts=["portable"], by=moreau)
    return id, transport


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Transport:
    """This machine's folder, as far as a file needs one; its transport keys."""
    for name in ("seal", "run"):
        (tmp_path / name).mkdir()
    transport = Transport.new()
    transport.save(tmp_path / "seal")
    found = type("Here", (), {"path": tmp_path, "seal_path": tmp_path / "seal"})()
    monkeypatch.setattr(screens, "_folder", lambda: found)
    return transport


def for_us(here: Transport, *pieces: tuple[Kind, bytes]) -> bytes:
    v = vault.current()
    made = parcel.Writer(v.practice, v.control, [here.public])
    return made.head + b"".join(made.piece(*piece) for piece in pieces)


ABOUT, END = (Kind.ABOUT, cbor.dumps({1: 1, 2: bytes(16), 3: 0, 4: []})), (Kind.END, cbor.dumps({}))


def said(page: Any, response: Any) -> str:
    return str(page(response)).replace("\u00a0", " ").replace("\u202f", " ")


def test_everybody_sees_the_page_and_a_machine_alone_says_so(visit: Any, page: Any, cast: Any, url: Any) -> None:
    for who in WHO:
        assert "Aucune autre machine ne tient ce cabinet" in said(page, visit(cast[who], url("sync:carry")))


def test_the_page_says_what_the_other_machine_lacks(visit: Any, page: Any, sophie: Actor, laptop: Any, url: Any) -> None:
    text = said(page, visit(sophie, url("sync:carry")))
    assert "le fichier contiendra tout le dossier" in text
    assert "Tout le dossier" not in text
    actions.record_held(laptop[0], arrival.held())
    text = said(page, visit(sophie, url("sync:carry")))
    assert "Rien ne lui manque, à notre connaissance" in text
    assert "Tout le dossier" in text


def test_the_file_leaves_piece_by_piece_and_its_leaving_is_journalled(ask: Ask, sophie: Actor, laptop: Any, here: Any, url: Any) -> None:
    before = run("access", "SELECT count(*) FROM journal_entry WHERE kind = 'access.carried'").fetchone()[0]
    answer = ask(sophie, url("sync:carry_out", laptop[0]))
    assert isinstance(answer, StreamingHttpResponse)
    assert run("access", "SELECT count(*) FROM journal_entry WHERE kind = 'access.carried'").fetchone()[0] == before + 1
    assert not Carried.objects.exists()
    data = b"".join(answer)
    v = vault.current()
    reader = parcel.Reader(v.practice, v.control, laptop[1].private)
    kinds = [kind for kind, _ in reader.feed(data)]
    assert (kinds[0], kinds[-1], reader.whole) == (Kind.ABOUT, Kind.END, True)
    assert Kind.BATCH in kinds
    row = Carried.objects.get()
    assert (row.out, row.whole, row.member, row.replica) == (True, True, sophie.member, laptop[0])
    assert answer["Content-Disposition"].endswith('.permanence"')
    assert "Tilleuls" not in answer["Content-Disposition"]


def test_an_unknown_machine_gets_no_file(ask: Ask, sophie: Actor, laptop: Any, here: Any, url: Any) -> None:
    assert ask(sophie, url("sync:carry_out", uuid4())).status_code == 404
    assert ask(sophie, url("sync:carry_any")).status_code == 200


@pytest.mark.parametrize(("make", "words"), [
    (lambda here: b"PK\x03\x04" * 400, ("Fichier abîmé", "refaire le fichier")),
    (lambda here: for_us(here, ABOUT, END)[:-4], ("Fichier incomplet", "puis le relire")),
    (lambda here: for_us(Transport.new(), ABOUT, END), ("Pas pour cette machine", "En refaire un")),
    (lambda here: for_us(here, ABOUT, END), ("Fichier lu", "tout était déjà ici")),
    (lambda here: for_us(here, (Kind.BATCH, b"\xff"), END), ("Fichier abîmé",)),
    (lambda here: for_us(here, ABOUT, (Kind.BATCH, exchange.Batch(bytes(16), ()).encode()), END), ("Fichier abîmé",)),
    (lambda here: for_us(here, ABOUT, (8, b"of a newer version"), END), ("Fichier lu",)),  # type: ignore[arg-type]
])  # fmt: skip
def test_each_end_is_said_with_what_to_do(
    ask: Ask, visit: Any, page: Any, nadia: Actor, here: Any, url: Any, make: Any, words: Any
) -> None:
    answer = ask(nadia, url("sync:carry_in"), make(here))
    assert answer.status_code == 303
    text = said(page, visit(nadia, answer["Location"]))
    for word in words:
        assert word in text, text
    assert "Lu, écrit par" in said(page, visit(nadia, url("sync:carry")))


def test_another_practices_file_is_named_as_such(ask: Ask, visit: Any, page: Any, nadia: Actor, here: Transport, url: Any) -> None:
    made = parcel.Writer(bytes(16), suite.new_key(), [here.public])
    data = made.head + made.piece(Kind.ABOUT, ABOUT[1])
    text = said(page, visit(nadia, ask(nadia, url("sync:carry_in"), data)["Location"]))
    assert "vient d’un autre cabinet : rien n’en a été lu" in text


def test_without_a_file_and_without_room_it_says_so(ask: Ask, nadia: Actor, here: Any, url: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(nadia, url("sync:carry_in"), b"none").status_code == 422
    assert ask(nadia, url("sync:carry_in"), b"").status_code == 422
    monkeypatch.setattr(screens, "SPARED", 1 << 60)
    answer: Any = ask(nadia, url("sync:carry_in"), for_us(here, ABOUT, END))
    assert answer.status_code == 422
    assert "plus la place" in answer.content.decode()
    assert not Carried.objects.exists()


def test_a_form_of_another_site_reads_nothing(ask: Ask, nadia: Actor, here: Any, url: Any) -> None:
    assert ask(nadia, url("sync:carry_in"), for_us(here, ABOUT, END), csrf=True).status_code == 403
    assert not Carried.objects.exists()


def test_nothing_of_a_file_stays_on_the_disk(ask: Ask, nadia: Actor, here: Any, url: Any, tmp_path: Path) -> None:
    ask(nadia, url("sync:carry_in"), for_us(here, ABOUT, END))
    assert list((tmp_path / "run").iterdir()) == []


def test_the_result_is_a_sentence_with_its_link(visit: Any, page: Any, sophie: Actor, laptop: Any, url: Any) -> None:
    id = uuid4()
    actions.record_carried(id, Counts(entries=214, known=3, to_settle=3, files=2, absent=1, aside=4, stuck=1, whole=True), out=False,
                           replica=laptop[0], member=sophie.member)  # fmt: skip
    text = said(page, visit(sophie, url("sync:carried", id)))
    for words in ("214 écritures reçues, 3 à rapprocher, 4 mises de côté", "Portable", "emporter tout le dossier", "4 écritures gardées",
                  "1 document ou photo manque encore ici"):  # fmt: skip
        assert words in " ".join(text.split()), text
    assert visit(sophie, url("sync:carried", uuid4())).status_code == 404
