"""A titulaire loads other growth curves, everybody who reads measures may choose them, and each drawing says whose they are."""

import datetime
import hashlib
from collections.abc import Callable, Mapping
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from permanence.consultations import actions as clinical
from permanence.consultations import queries
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock
from permanence.patients import actions as patients
from tests.consultations.conftest import opened
from tests.web.conftest import Visit

Url = Callable[..., str]
WEIGHT, HEAD = "29463-7", "9843-4"
HEADING = "kind,sex,month,l,m,s\n"
LONG = HEADING + "".join(f"weight,{sex},{month},1,{max(2, 4 + month / 4)},0.1\n" for sex in "FM" for month in range(-3, 217, 3))
SHORT = HEADING + "head,M,0,1,34,0.03\nhead,M,12,1,46,0.03\n"
NAMED = {"name": "Essai", "published": "Essai d’école, 2026", "licence": "Table inventée pour un essai"}


def digest(table: str) -> str:
    return hashlib.sha256(table.encode()).hexdigest()


def child(by: Actor, days: int, *weights: tuple[int, int], term: int | None = None, code: str = WEIGHT) -> UUID:
    """A boy of so many days; his weights in grams by day of life."""
    noon = clock.now().replace(hour=11, minute=0)  # the hour of the run decides no day, whatever the summer time was then
    birth = noon.date() - datetime.timedelta(days=days)
    made = patients.register(by=by, birth_name="Durand", given_names="Paul", birth_date=birth, birth_sex="M", despite=True)
    if term:
        patients.amend_identity(made, by=by, changes={"birth_term_days": term})
    for day, grams in weights:
        at = noon - datetime.timedelta(days=days - day)
        clinical.add_measure(made, by=by, loinc=code, values=[(code, grams, 3)], taken_at=at)
    return made


@pytest.fixture
def essai(moreau: Actor) -> UUID:
    return clinical.keep_growth_reference(by=moreau, **NAMED, table=LONG)


def test_a_table_is_read_back_then_kept(visit: Visit, moreau: Actor, url: Url) -> None:
    file = SimpleUploadedFile("essai.csv", LONG.encode("utf-8-sig"))
    shown = visit(moreau, url("growth:new"), {**NAMED, "table": "", "file": file})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "2\u00a0courbes, 148\u00a0lignes" in page
    assert "Poids, garçons" in page
    assert "de −3 à 216\u00a0mois" in page
    assert "weight,F,-3,1,3.25,0.1" in page, "the table is in the form, to be corrected"
    assert len(queries.growth_references(reader=opened(moreau))) == 1, "nothing is kept yet"
    assert visit(moreau, url("growth:new"), {**NAMED, "table": LONG, "seen": digest(LONG)}).status_code == 303
    who, kept = queries.growth_references(reader=opened(moreau))
    assert (who.id, kept.name, kept.licence, kept.table) == (None, "Essai", NAMED["licence"], LONG)


def test_what_was_not_shown_is_not_kept(visit: Visit, moreau: Actor, url: Url) -> None:
    changed = LONG.replace("3.25", "3.35")
    again = visit(moreau, url("growth:new"), {**NAMED, "table": changed, "seen": digest(LONG)})
    assert again.status_code == 200
    assert digest(changed) in again.content.decode()
    assert len(queries.growth_references(reader=opened(moreau))) == 1


@pytest.mark.parametrize("content", [
    b"kind,sex,month,l,m,s\nhead,F,0,1,NaN,0.03\n", b"\x00\x01\x02", b"%PDF-1.7", b"", b"x" * 300_000,
    "kind,sex,month,l,m,s\nhead,F,0,1,1e309,0.03\n".encode("utf-16"), b'kind,"sex\n' * 9_000])  # fmt: skip
def test_a_hostile_file_is_refused_in_words_and_nothing_typed_is_lost(visit: Visit, moreau: Actor, url: Url, content: bytes) -> None:
    answer = visit(moreau, url("growth:new"), {**NAMED, "table": "", "file": SimpleUploadedFile("=cmd.csv", content)})
    page = answer.content.decode()
    assert answer.status_code in (200, 422)
    if content:  # an empty file counts as none: the empty table is refused all the same
        assert answer.status_code == 422
    assert 'value="Essai"' in page
    assert "Table inventée pour un essai" in page
    assert len(queries.growth_references(reader=opened(moreau))) == 1


def test_the_wrong_line_is_named_on_the_screen(visit: Visit, moreau: Actor, url: Url) -> None:
    answer = visit(moreau, url("growth:new"), {**NAMED, "table": SHORT + "head,M,9,1,44,0.03"})
    assert answer.status_code == 422
    assert "Ligne 4\u00a0: l’âge 9 vient après un âge plus grand" in answer.content.decode()
    assert "head,M,9,1,44,0.03" in answer.content.decode()


def test_words_of_a_reference_are_only_words(visit: Visit, moreau: Actor, url: Url) -> None:
    name = "=HYPERLINK(1)<script>"
    made = clinical.keep_growth_reference(by=moreau, **{**NAMED, "name": name}, table=LONG)
    boy = child(moreau, 365, (183, 7_934))
    for path in (url("growth:list"), f"{url('dossier:curves', boy)}?reference={made}"):
        page = visit(moreau, path).content.decode()
        assert "&lt;script&gt;" in page
        assert "(1)<script>" not in page


def test_only_a_titulaire_who_cares_loads_replaces_and_retires(visit: Visit, cast: Mapping[str, Actor], essai: UUID, url: Url) -> None:
    refused = [who for who in cast if who != "moreau" and not queries.may_load_references(cast[who])]
    assert {"sophie", "amel"} <= set(refused)
    for who in refused:
        for act in (
            lambda by: clinical.keep_growth_reference(by=by, **NAMED, table=LONG),
            lambda by: clinical.retire_growth_reference(essai, by=by),
            lambda by: clinical.restore_growth_reference(essai, by=by),
        ):
            with pytest.raises(Refused):
                act(cast[who])
        assert visit(cast[who], url("growth:new")).status_code == 403
        assert visit(cast[who], url("growth:replace", essai), {**NAMED, "table": LONG, "seen": digest(LONG)}).status_code == 403
    assert len(queries.growth_references(reader=opened(cast["moreau"]))) == 2
    assert "Remplacer" not in visit(cast["amel"], url("growth:list")).content.decode()
    assert visit(cast["sophie"], url("growth:list")).status_code == 403


def test_a_reference_is_replaced_retired_and_put_back(visit: Visit, moreau: Actor, essai: UUID, url: Url) -> None:
    assert visit(moreau, url("growth:replace", essai), {**NAMED, "table": SHORT, "seen": digest(SHORT.strip())}).status_code == 200
    shown = SHORT.replace("\r\n", "\n")
    assert visit(moreau, url("growth:replace", essai), {**NAMED, "table": SHORT, "seen": digest(shown)}).status_code == 303
    _, new = queries.growth_references(reader=opened(moreau))
    assert (new.replaces, new.table) == (essai, SHORT)
    old = queries.growth_reference(essai, reader=opened(moreau))
    assert old.retired_at is not None
    assert visit(moreau, url("growth:restore", essai), {}).status_code == 403, "two of one name could not be told apart"
    assert visit(moreau, url("growth:retire", new.id), {}).status_code == 303
    assert visit(moreau, url("growth:restore", essai), {}).status_code == 303
    assert [one.id for one in queries.growth_references(reader=opened(moreau))] == [None, essai]
    assert visit(moreau, url("growth:replace", UUID(int=9))).status_code == 404


def test_a_second_reference_of_one_name_is_refused_and_the_form_kept(visit: Visit, moreau: Actor, essai: UUID, url: Url) -> None:
    answer = visit(moreau, url("growth:new"), {**NAMED, "name": "ESSAI", "table": SHORT, "seen": digest(SHORT)})
    assert answer.status_code == 422
    assert "déjà en service" in answer.content.decode()
    assert 'value="ESSAI"' in answer.content.decode()


def test_the_chosen_reference_is_drawn_named_and_remembered(visit: Visit, moreau: Actor, essai: UUID, url: Url) -> None:
    boy = child(moreau, 365, (183, 7_934))
    first = visit(moreau, url("dossier:curves", boy))
    assert first.content.decode().count("OMS, normes de croissance") == 4
    assert not first.cookies
    chosen = visit(moreau, f"{url('dossier:curves', boy)}?reference={essai}")
    page = chosen.content.decode()
    assert page.count("Essai (Essai d’école, 2026), méthode LMS") == 1
    assert "OMS, normes" not in page
    assert "n’a pas de courbe, pour cet enfant, de\u00a0: Taille, Périmètre crânien, IMC" in page
    assert NAMED["licence"] in page
    assert chosen.cookies["courbes"].value == str(essai)
    assert not visit(moreau, f"{url('dossier:curves', boy)}?reference={UUID(int=9)}").cookies


def test_the_choice_holds_for_the_ages_that_it_covers(moreau: Actor, essai: UUID) -> None:
    known = queries.growth_references(reader=opened(moreau))
    ask = {"asked": "", "remembered": str(essai), "sex": "M"}
    assert queries.choose(known, **ask, months=12).id == essai  # type: ignore[arg-type]
    assert queries.choose(known, asked="", remembered="", sex="M", months=12).id is None
    assert queries.choose(known, asked="", remembered="oms", sex="M", months=100).id == essai, "the WHO's stop at five years"
    assert queries.choose(known, asked="", remembered="", sex="M", months=500).id is None
    assert queries.choose(known, asked="oms", remembered=str(essai), sex="M", months=100).id is None, "asked for, it is drawn"


def test_past_five_years_a_longer_reference_is_drawn(visit: Visit, moreau: Actor, essai: UUID, url: Url) -> None:
    boy = child(moreau, 3_000, (1_900, 20_000), (2_900, 27_500))
    page = visit(moreau, url("dossier:curves", boy)).content.decode()
    assert "27,5\u00a0kg" in page
    assert "s’arrêtent" not in page
    past = visit(moreau, f"{url('dossier:curves', boy)}?reference=oms").content.decode()
    assert "Ces courbes s’arrêtent à cinq ans" in past
    assert "27,5\u00a0kg" not in past
    assert url("dossier:curves", boy) in visit(moreau, url("dossier:file", boy)).content.decode()


def test_a_curve_that_stops_before_the_others_says_how_much_it_leaves_out(visit: Visit, moreau: Actor, url: Url) -> None:
    made = clinical.keep_growth_reference(by=moreau, **NAMED, table=LONG + SHORT.removeprefix(HEADING))
    boy = child(moreau, 800, (300, 45_000), (780, 48_000), code=HEAD)
    page = visit(moreau, f"{url('dossier:curves', boy)}?reference={made}").content.decode()
    assert "Cette courbe s’arrête à 12\u00a0mois\u00a0: 1\u00a0mesure d’après" in page


def test_measures_before_term_are_drawn_where_the_reference_has_them_and_listed_where_not(
    visit: Visit, moreau: Actor, essai: UUID, url: Url
) -> None:
    boy = child(moreau, 120, (10, 1_800), (100, 4_500), term=224)
    here = url("dossier:curves", boy)
    plain = visit(moreau, f"{here}?reference=oms").content.decode()
    assert "Avant le terme, non comparées" in plain
    assert "33\u00a0SA + 3\u00a0j" in plain
    assert "1,8\u00a0kg" in plain
    assert plain.count('<circle class="own"') == 1
    drawn = visit(moreau, f"{here}?reference={essai}").content.decode()
    assert "Avant le terme" not in drawn
    assert ">terme</text>" in drawn
    assert drawn.count('<circle class="own"') == 2
    assert "hors table" not in drawn


def test_a_correction_ends_at_two_years_with_any_reference(moreau: Actor, essai: UUID) -> None:
    boy = child(moreau, 900, (720, 11_000), (740, 11_200), term=224)
    curves = queries.growth_reference(essai, reader=opened(moreau)).curves
    birth = clock.now().date() - datetime.timedelta(days=900)
    [weight, *_] = queries.curves(boy, birth=birth, sex="M", term_days=224, reader=opened(moreau), reference=curves)
    assert [point.corrected for point in weight.points] == [True, False]


def test_the_table_is_journaled_as_it_was_typed(moreau: Actor, essai: UUID) -> None:
    row = queries.growth_reference(essai, reader=opened(moreau))
    assert row.table == LONG
    assert row.at is not None
