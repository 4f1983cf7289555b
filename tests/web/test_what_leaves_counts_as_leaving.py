"""Each page that ends on paper or in a file: all that it says of anybody is journalled as printed or exported, never as read."""

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from permanence.accounts import permissions
from permanence.agenda import actions as agenda
from permanence.agenda import times
from permanence.billing import actions as billing
from permanence.consultations import actions as clinical
from permanence.journal import access
from permanence.journal.categories import Category, Level, unmask
from permanence.journal.doors import Actor, Served
from permanence.lib import clock, typesetting
from tests.web.conftest import Visit

Url = Callable[..., str]
C = Category
LATE = 23 * 60 + 30  # the same day at whatever hour the test is run


@pytest.fixture(scope="module", autouse=True)
def _typesetter() -> Iterator[None]:
    yield
    typesetting.close()


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> list[Served]:
    """What each answer sent to the journal."""
    sent, submit = list[Served](), access.submit

    def kept(served: Served) -> Any:
        sent.append(served)
        return submit(served)

    monkeypatch.setattr(access, "submit", kept)
    return sent


@pytest.fixture
def act(moreau: Actor, jeanne: UUID) -> UUID:
    assert moreau.member is not None
    return billing.record_act(jeanne, by=moreau, practitioner=moreau.member, code="G", amount=3000, method="carte", number="1")


@pytest.fixture
def booked(moreau: Actor, jeanne: UUID) -> UUID:
    """An appointment today, and one tomorrow for the kit."""
    assert moreau.member is not None
    for days in (0, 1):
        start = times.instant(permissions.today() + datetime.timedelta(days=days), LATE)
        agenda.book(jeanne, by=moreau, practitioner=moreau.member, start=start, reason="Toux")
    return moreau.member


def levels(served: Served, patient: UUID) -> dict[Level, frozenset[Category]]:
    return {Level(level): unmask(mask) for one in served.patients if one.patient == patient for level, mask in one.levels}


@pytest.mark.parametrize(("name", "level", "said"), [
    ("billing:receipt", Level.PRINTED, {C.IDENTITY, C.BILLING}),
    ("billing:sheet", Level.PRINTED, {C.IDENTITY, C.BILLING, C.NATIONAL_ID}),
    ("billing:statement", Level.PRINTED, {C.IDENTITY, C.BILLING}),
    ("agenda:sheet", Level.PRINTED, {C.IDENTITY, C.APPOINTMENTS, C.CONTACT}),
    ("agenda:export", Level.EXPORTED, {C.IDENTITY, C.APPOINTMENTS}),
    ("panel:export", Level.EXPORTED, {C.IDENTITY}),
])
def test_all_of_a_page_that_leaves_counts_so(
    name: str, level: Level, said: set[Category], visit: Visit, url: Url, moreau: Actor, jeanne: UUID, act: UUID, booked: UUID,
    entries: list[Served],
) -> None:
    arguments: Mapping[str, Callable[[], tuple[UUID, ...]]] = {
        "billing:receipt": lambda: (jeanne, act), "billing:sheet": lambda: (jeanne, act), "agenda:export": lambda: (booked,),
        "panel:export": lambda: (clinical.keep_recall_list(by=moreau, name="Femmes", criteria={"sex": "F"}, shared=True),)}
    path = url(name, *arguments.get(name, tuple)())
    entries.clear()
    assert visit(moreau, path).status_code == 200
    [served] = entries
    found = levels(served, jeanne)
    assert set(found) == {level}
    assert said <= found[level]


def test_the_same_day_on_a_screen_is_listed_and_read_only(
    visit: Visit, url: Url, moreau: Actor, jeanne: UUID, act: UUID, booked: UUID, entries: list[Served]
) -> None:
    for name in ("agenda:day", "billing:takings"):
        entries.clear()
        assert visit(moreau, url(name)).status_code == 200
        assert max(levels(entries[-1], jeanne)) <= Level.READ, name


def test_the_kit_counts_appointments_and_results_as_printed(jeanne: UUID, moreau: Actor, booked: UUID) -> None:
    from permanence.continuity import queries
    from permanence.documents import actions as documents

    documents.add_results(jeanne, by=moreau, document=None, results=[{"label": "HbA1c", "value_text": "8,9", "at": clock.now()}])
    reader = queries.evening_reader()
    queries.kit(reader=reader, made_at=clock.now())
    found = levels(reader.close(), jeanne)
    assert set(found) == {Level.EXPORTED}
    assert {C.APPOINTMENTS, C.RESULTS, C.IDENTITY, C.TREATMENTS} <= found[Level.EXPORTED]
