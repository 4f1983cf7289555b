"""The continuity plan on screen and on paper: filled in by titulaires, read by all, with the practice's own data."""

from collections.abc import Callable, Iterator, Mapping

import pypdfium2
import pytest

from permanence.journal.doors import Actor
from permanence.lib import typesetting
from tests.web.conftest import Visit

Url = Callable[..., str]


@pytest.fixture(scope="module", autouse=True)
def _typesetter() -> Iterator[None]:
    yield
    typesetting.close()


def words(pdf: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)).split())


def test_it_is_filled_in_and_printed_with_the_practices_own_data(visit: Visit, moreau: Actor, sophie: Actor, url: Url) -> None:
    answers = {"pharmacy": "Pharmacie du Marché, 01 60 00 00 00", "sheet_place": "coffre du bureau", "decides": "Dr Moreau, puis Dr Benali"}
    assert visit(moreau, url("crisis:plan"), answers).status_code == 303
    page = visit(moreau, url("crisis:plan")).content.decode()
    assert 'value="Pharmacie du Marché, 01 60 00 00 00"' in page
    assert "Maison de santé des Tilleuls" in page
    said = words(visit(moreau, url("crisis:plan_print")).content)
    for word in ("Dr Karim BENALI", "secrétaire", "coffre du bureau", "Pharmacie du Marché", "Qui peut rouvrir le cabinet",
                 "Postes et imprimantes", "Copies et kits", "72 heures", "Messages prêts"):
        assert word in said, word
    for other in (visit(sophie, url("crisis:plan")).content.decode(), words(visit(sophie, url("crisis:plan_print")).content)):
        assert "Pharmacie du Marché" in other
        assert "coffre du bureau" not in other


@pytest.mark.parametrize("who", ["petit", "sophie", "ines", "bruno", "yann"])
def test_who_does_not_administer_reads_it_and_writes_nothing(who: str, visit: Visit, cast: Mapping[str, Actor], url: Url) -> None:
    assert visit(cast[who], url("crisis:plan")).status_code == 200
    answer = visit(cast[who], url("crisis:plan"), {"pharmacy": "ailleurs"})
    assert answer.status_code in (403, 422)
    assert "ailleurs" not in visit(cast["moreau"], url("crisis:plan")).content.decode()
    assert visit(cast[who], url("crisis:plan_print")).content.startswith(b"%PDF")


def test_no_number_is_cut_at_the_end_of_a_line_on_screen_or_on_paper(visit: Visit, moreau: Actor, sophie: Actor, url: Url) -> None:
    """Whatever stands before it: one of these answers meets the edge of the sheet within its number."""
    phone, amount = "02 31 14 09 27", "12 500,50 €"
    keys = ("pharmacy", "laboratory", "imaging", "hospital", "on_call", "neighbours", "nurses", "vendor", "computing", "insurer", "cpam")
    answers = {key: f"{'Maison ' * (5 + place // 2)}{'x' * (4 * (place % 2))} {phone} {amount} et la suite"
               for place, key in enumerate(keys)}  # fmt: skip
    assert visit(moreau, url("crisis:plan"), answers).status_code == 303
    document = pypdfium2.PdfDocument(visit(moreau, url("crisis:plan_print")).content)
    lines = [" ".join(line.split()) for page in document for line in page.get_textpage().get_text_bounded().splitlines()]
    for number in (phone, amount):
        assert sum(line.count(number) for line in lines) >= len(keys), number
    assert any(line.endswith(("Maison", "x", phone)) for line in lines)  # some did meet the edge
    page = visit(sophie, url("crisis:plan")).content.decode()
    assert page.count(phone.replace(" ", "\u00a0")) >= len(keys)
    assert phone not in page
