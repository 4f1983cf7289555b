"""The evening's kit on paper: asked for once, numbered once, printed again from the log, and never with another day's patients."""

import datetime
from collections.abc import Callable

from permanence.continuity.models import KitCopy
from permanence.journal.doors import Actor
from permanence.lib import clock
from tests.web.conftest import Visit

Url = Callable[..., str]


def test_reading_the_page_orders_nothing_and_a_form_sent_twice_orders_one_kit(visit: Visit, moreau: Actor, url: Url) -> None:
    visit(moreau, url("practice:kit"))
    assert KitCopy.objects.count() == 0
    once = {"once": "6f2a7c5e-6c8f-4d8e-8b52-0c2f3a9d1e77"}
    first, second = (visit(moreau, url("practice:kit_order"), once)["Location"] for _ in range(2))
    assert first == second
    kept = KitCopy.objects.get()
    assert (kept.medium, kept.first_form, kept.made_by_id) == ("paper", 1, moreau.member)
    for _ in range(2):  # the same sheets, with the same numbers, as often as the printer jams
        assert visit(moreau, first).content[:4] == b"%PDF"
    assert KitCopy.objects.count() == 1


def test_sheets_of_another_day_are_not_printed_again(visit: Visit, moreau: Actor, url: Url) -> None:
    sheets = visit(moreau, url("practice:kit_order"), {})["Location"]
    with clock.override(clock.now() + datetime.timedelta(days=1)):
        answer = visit(moreau, sheets)
    assert answer.status_code == 403
    assert "imprimer le kit de nouveau" in answer.content.decode()


def test_a_set_of_sheets_is_one_persons_and_is_gone_once_destroyed(visit: Visit, moreau: Actor, benali: Actor, url: Url) -> None:
    sheets = visit(moreau, url("practice:kit_order"), {})["Location"]
    assert visit(benali, sheets).status_code == 403
    visit(moreau, url("practice:kit_destroyed", KitCopy.objects.get().id), {})
    answer = visit(moreau, sheets)
    assert answer.status_code == 403
    assert "pour en avoir d’autres" in answer.content.decode()


def test_who_sees_no_agenda_orders_none(visit: Visit, cast: dict[str, Actor], url: Url) -> None:
    assert visit(cast["bruno"], url("practice:kit_order"), {}).status_code == 403
    assert KitCopy.objects.count() == 0
