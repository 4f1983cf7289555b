"""A replacement on screen: the ten on the first morning, the return note signed by one key, read first when back, printed."""

import datetime
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from permanence.agenda import times
from permanence.consultations import actions as clinical
from permanence.handover import actions
from permanence.handover.models import Handover
from permanence.journal.categories import Level
from permanence.journal.doors import Actor
from permanence.journal.queries import readers_of
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.tasks import actions as tasks
from permanence.web import reasons
from permanence.web.handover.cards import days
from tests.handover.conftest import FIRST, LAST, at, replacement
from tests.patients.conftest import at_most, opened
from tests.web.conftest import Visit

__all__ = ["replacement"]
Url = Callable[..., str]
BACK = LAST + datetime.timedelta(days=3)


@pytest.fixture
def paul(moreau: Actor) -> UUID:
    return patients.register(by=moreau, birth_name="Durand", given_names="Paul", birth_date=datetime.date(1970, 1, 1), birth_sex="M")


@pytest.fixture
def signed(replacement: UUID, moreau: Actor, petit: Actor, jeanne: UUID, paul: UUID) -> UUID:
    with at(FIRST, 10):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Sciatique", "assessment": "Sans déficit."})
        clinical.sign_note(paul, by=petit, fields={"motif": "Rhume", "text": "Rien."})
        tasks.add_task("Rappeler pour l’IRM", by=petit, patient=jeanne, to=moreau.member)
    with at(LAST, 19):
        return actions.sign(replacement, by=petit, texts={jeanne: "Très inquiète."}, word="Merci de votre confiance.")


def text_of(answer: object) -> str:
    return answer.content.decode().replace("\u00a0", " ").replace("&nbsp;", " ")  # type: ignore[attr-defined]


def test_the_doctor_who_leaves_is_asked_to_look_at_the_list(replacement: UUID, visit: Visit, moreau: Actor, url: Url) -> None:
    cards = url("handover:cards")
    for page in ("home:day", "home:closing"):
        assert f'hx-get="{cards}' in text_of(visit(moreau, url(page)))
    assert "Vérifier la liste" in text_of(visit(moreau, cards))
    with at(FIRST + datetime.timedelta(days=1)):
        assert "Vérifier la liste" not in text_of(visit(moreau, cards))


def test_a_sentence_from_the_file_puts_a_patient_on_the_list(
    replacement: UUID, visit: Visit, moreau: Actor, petit: Actor, jeanne: UUID, url: Url
) -> None:
    pin, known = url("handover:pin", jeanne), url("handover:known", replacement)
    assert "À connaître" in text_of(visit(moreau, pin))
    answer = visit(moreau, pin, {"replacement": str(replacement), "text": "Fin de vie à domicile."})
    assert (answer.status_code, answer["Location"]) == (303, f"{known}?fait=dix")
    assert "Fin de vie à domicile." in text_of(visit(moreau, pin))
    page = text_of(visit(petit, known))
    assert "MARTIN" in page
    assert "Fin de vie à domicile." in page
    assert "Retirer" not in page
    assert visit(moreau, url("handover:leave_out", replacement), {"patient": str(jeanne)}).status_code == 303
    page = text_of(visit(moreau, known))
    assert "Fin de vie" not in page
    assert "Retirés de la liste" in page


def test_the_first_morning_opens_on_the_ten(replacement: UUID, visit: Visit, moreau: Actor, petit: Actor, jeanne: UUID, url: Url) -> None:
    actions.choose(replacement, jeanne, by=moreau, text="Fin de vie.")
    known = url("handover:known", replacement)
    with at(FIRST, 8):
        assert f'hx-get="{known}"' in text_of(visit(petit, url("handover:cards")))
        found = text_of(visit(petit, known, fragment=True))
    assert "Fin de vie." in found
    assert "<html" not in found
    with at(FIRST + datetime.timedelta(days=5), 8):
        assert f'hx-get="{known}"' not in text_of(visit(petit, url("handover:cards")))


def test_a_patient_of_the_list_is_opened_for_the_handover(
    replacement: UUID, visit: Visit, moreau: Actor, petit: Actor, paul: UUID, url: Url
) -> None:
    tasks.add_task("Rappeler", by=moreau, patient=paul)
    reasons.forget()
    with at(FIRST, 8):
        visit(petit, url("handover:known", replacement))
        visit(petit, url("dossier:file", paul))
        [first, *_] = [one for one in readers_of(paul, reader=opened(moreau), answerable=moreau.member) if one.member == petit.member
                       and one.level >= Level.READ]
    assert "handover" in first.reason.split()


def test_what_is_typed_comes_back(replacement: UUID, visit: Visit, petit: Actor, jeanne: UUID, url: Url) -> None:
    with at(FIRST, 10):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Sciatique"})
    data = {"ligne": str(jeanne), f"mot-{jeanne}": "Très inquiète.", "word": "Bon courage"}
    with at(LAST, 19):
        answer = visit(petit, url("handover:draft_save", replacement), data)
        assert text_of(answer) == "Gardé à 19:00:00"
        page = text_of(visit(petit, url("handover:write", replacement)))
        assert "Bon courage" in page
        assert f'value="{jeanne}" checked' not in page  # left out, and kept so
        clinical.save_draft(jeanne, by=petit, payload={"motif": "À finir"})
        refused = visit(petit, url("handover:write", replacement), {**data, "garder": str(jeanne), "word": "Autre mot"})
        page = text_of(refused)
        assert refused.status_code == 422
        assert "à signer d’abord" in page
        assert 'value="Très inquiète."' in page
        assert "Autre mot" in page
    assert not Handover.objects.exists()


def test_a_draft_that_comes_after_the_signature_says_so(replacement: UUID, visit: Visit, petit: Actor, url: Url) -> None:
    with at(LAST, 19):
        page = text_of(visit(petit, url("handover:write", replacement)))
        since = page.split('name="depuis" value="')[1].split('"')[0]
        data = {"word": "Bon courage", "depuis": since}
        assert text_of(visit(petit, url("handover:draft_save", replacement), data)) == "Gardé à 19:00:00"
        actions.sign(replacement, by=petit, word="Bon courage")
        assert "Non gardé" in text_of(visit(petit, url("handover:draft_save", replacement), data))
        assert "Bon courage" not in text_of(visit(petit, url("handover:write", replacement)))


def test_the_page_that_keeps_itself_is_guarded_and_has_its_script(replacement: UUID, visit: Visit, petit: Actor, url: Url) -> None:
    with at(LAST, 19):
        page = text_of(visit(petit, url("handover:write", replacement)))
    assert "data-autosave" not in page  # of the notes, whose script is not there: leaving would ask nothing
    assert "js/handover" in page


def test_four_hundred_patients_are_kept_and_signed(replacement: UUID, visit: Visit, petit: Actor, jeanne: UUID, url: Url) -> None:
    """Three fields for each: more than a form is allowed by default."""
    ids = [str(jeanne), *(str(uuid4()) for _ in range(399))]
    data: dict[str, object] = {"ligne": ids, "garder": ids, "word": "Bon courage", **{f"mot-{id}": "" for id in ids}}
    data[f"mot-{jeanne}"] = "Très inquiète."
    with at(LAST, 19):
        assert text_of(visit(petit, url("handover:draft_save", replacement), data)) == "Gardé à 19:00:00"
        assert visit(petit, url("handover:write", replacement), data).status_code == 303
    assert Handover.objects.get().patients == 1


def test_one_key_signs_and_another_reads(replacement: UUID, visit: Visit, moreau: Actor, petit: Actor, jeanne: UUID, url: Url) -> None:
    with at(FIRST, 10):
        clinical.sign_note(jeanne, by=petit, fields={"motif": "Sciatique"})
    with at(LAST, 19):
        assert "Faire la relève" in text_of(visit(petit, url("handover:cards")))
        assert "Faire la relève" in text_of(visit(petit, url("handover:cards") + "?soir=oui"))
        assert visit(petit, url("handover:key"))["Location"] == url("handover:write", replacement)
        answer = visit(petit, url("handover:write", replacement), {"ligne": str(jeanne), "garder": str(jeanne), "word": ""})
        made = Handover.objects.get()
        assert answer["Location"] == f"{url('handover:note', made.id)}?fait=releve"
    with at(BACK):
        assert visit(moreau, url("handover:key"))["Location"] == url("handover:note", made.id)


def test_it_comes_first_at_home_until_it_is_read(signed: UUID, visit: Visit, moreau: Actor, benali: Actor, url: Url) -> None:
    with at(BACK):
        title = f"Relève {days(FIRST, LAST)}".replace("\u00a0", " ")  # at that day: it names the year when it is another one
        home, cards = text_of(visit(moreau, url("home:day"))), url("handover:cards")
        assert home.index(f'hx-get="{cards}"') < home.index("À faire")
        assert title in text_of(visit(moreau, cards))
        assert "Relève du" not in text_of(visit(benali, cards))
        page = text_of(visit(moreau, url("handover:note", signed)))
        told = ("MARTIN", "Sciatique — Sans déficit.", "Rappeler pour l’IRM", "Très inquiète.", "Merci de votre confiance.", "Dr Léa PETIT")
        assert [words for words in told if words not in page] == []
        assert visit(moreau, url("handover:read", signed), {}).status_code == 303
        assert title not in text_of(visit(moreau, cards))
        assert "Marquer lue" not in text_of(visit(moreau, url("handover:note", signed)))
        assert "Lue" in text_of(visit(moreau, url("handover:replacements")))


@pytest.mark.parametrize(("hour", "shown"), [(22, "du 3 au 14 janvier 2028"), (23, "du 3 au 14 janvier")])
def test_the_year_that_is_named_is_another_than_that_of_paris(hour: int, shown: str) -> None:
    with clock.override(datetime.datetime(2027, 12, 31, hour, 30, tzinfo=datetime.UTC)):
        assert days(datetime.date(2028, 1, 3), datetime.date(2028, 1, 14)).replace("\u00a0", " ") == shown


def test_on_paper_it_counts_as_printed(signed: UUID, visit: Visit, moreau: Actor, jeanne: UUID, url: Url) -> None:
    with at(BACK):
        answer = visit(moreau, url("handover:print", signed))
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        levels = {one.level for one in readers_of(jeanne, reader=opened(moreau), answerable=moreau.member) if one.member == moreau.member}
    assert Level.PRINTED in levels


@pytest.mark.parametrize("who", ["benali", "sophie", "nadia", "hugo", "ines"])
def test_others_are_refused_every_page_of_it(
    who: str, signed: UUID, replacement: UUID, visit: Visit, cast: dict[str, Actor], url: Url
) -> None:
    with at(LAST, 19):
        for name, id in (("known", replacement), ("found", replacement), ("write", replacement), ("note", signed), ("print", signed)):
            answer = visit(cast[who], url(f"handover:{name}", id))
            assert answer.status_code in (403, 404), name
            assert "Très inquiète" not in text_of(answer)
        for name, id in (("read", signed), ("write", replacement), ("draft_save", replacement), ("leave_out", replacement)):
            assert visit(cast[who], url(f"handover:{name}", id), {"patient": str(uuid4()), "word": "x"}).status_code in (403, 404), name


def test_a_fortnight_of_work_asks_few_questions(replacement: UUID, visit: Visit, moreau: Actor, petit: Actor, url: Url) -> None:
    """However many were seen: the list, the note being written, the note read, its card."""
    for number in range(14):
        one = patients.register(by=moreau, birth_name=f"Nom{number}", given_names="Anne", birth_date=datetime.date(1960, 1, 1 + number),
                                birth_sex="F", despite=True)
        patients.set_medecin_traitant(one, by=moreau, member=moreau.member)
        tasks.add_task("Rappeler", by=moreau, patient=one, to=moreau.member)
        with at(FIRST, 9):
            clinical.sign_note(one, by=petit, fields={"motif": "Toux"})
            clinical.add_treatment(one, by=petit, fields={"label": "Sirop"})
            tasks.add_task("Revoir", by=petit, patient=one, to=moreau.member)
    before = [(FIRST, petit, url("handover:known", replacement)), (LAST, petit, url("handover:write", replacement)),
              (LAST, petit, url("handover:cards"))]
    assert _asked(before, visit) == 14
    with at(LAST, 21):
        signed = actions.sign(replacement, by=petit)
    _asked([(BACK, moreau, url("handover:note", signed)), (BACK, moreau, url("handover:print", signed)),
            (BACK, moreau, url("handover:cards")), (BACK, moreau, url("handover:replacements"))], visit)


def _asked(pages: list[tuple[datetime.date, Actor, str]], visit: Visit) -> int:
    """Visits each page twice, the second time counted; how many lines the pages had at most."""
    lines = 0
    for day, who, path in pages:
        with at(day, 20):
            visit(who, path)
            with at_most(12):
                answer = visit(who, path)
            assert answer.status_code == 200, path
            lines = max(lines, answer.content.count(b'name="garder"'))
    return lines


def test_an_absence_without_a_replacement_has_no_list(visit: Visit, benali: Actor, jeanne: UUID, url: Url) -> None:
    assert visit(benali, url("handover:pin", jeanne)).status_code == 403
    assert "Aucun remplacement" in text_of(visit(benali, url("handover:replacements")))
    assert clock.now() < times.bounds(FIRST)[0]
