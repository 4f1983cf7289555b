"""Which days a kit holds, when it is due, how its phrase is read, and lists that say that they were cut."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from permanence.continuity import rules

FRIDAY = datetime.date(2026, 11, 27)
DAY = datetime.timedelta(days=1)


def test_on_a_friday_evening_the_kit_is_mondays_when_nobody_comes_on_saturday() -> None:
    assert rules.days_of(FRIDAY, [FRIDAY + 3 * DAY, FRIDAY + 4 * DAY]) == (FRIDAY + 3 * DAY, FRIDAY + 4 * DAY)
    assert rules.days_of(FRIDAY, [FRIDAY + DAY, FRIDAY + 3 * DAY]) == (FRIDAY + DAY, FRIDAY + 3 * DAY)
    assert rules.days_of(FRIDAY, []) == (FRIDAY + DAY, FRIDAY + 2 * DAY)


@given(st.sets(st.integers(-3, 20)))
def test_a_kit_never_holds_today_and_always_the_first_booked_day(offsets: set[int]) -> None:
    booked = [FRIDAY + n * DAY for n in offsets]
    days = rules.days_of(FRIDAY, booked)
    assert len(days) == 2
    assert FRIDAY < days[0] < days[1]
    first = min((day for day in booked if FRIDAY < day <= FRIDAY + rules.AHEAD * DAY), default=None)
    assert first is None or first in days


def test_a_kit_is_due_once_each_evening() -> None:
    at = datetime.datetime(2026, 11, 27, 19, 0, tzinfo=datetime.UTC)
    assert not rules.is_due(at - datetime.timedelta(minutes=1), None)
    assert rules.is_due(at, None)
    assert rules.is_due(at, at - DAY)
    assert not rules.is_due(at + datetime.timedelta(hours=2), at)


def test_an_evening_that_was_slept_through_is_made_up_for_and_holds_the_day_that_has_begun() -> None:
    monday = datetime.datetime(2026, 11, 30, 7, 40, tzinfo=datetime.UTC)
    friday = datetime.datetime(2026, 11, 27, 19, 0, tzinfo=datetime.UTC)
    assert rules.is_due(monday, friday)
    assert not rules.is_due(monday, friday + 2 * DAY)  # Sunday's was written
    assert rules.is_due(monday, None, failed=True)
    assert not rules.is_due(monday, None)  # the first of all waits for its evening
    assert rules.eve_of(monday) == datetime.date(2026, 11, 29)
    assert rules.days_of(rules.eve_of(monday), [monday.date(), monday.date() + DAY]) == (monday.date(), monday.date() + DAY)
    assert rules.eve_of(monday.replace(hour=12)) == monday.date()


@given(st.integers(0, 2**80 - 1))
def test_a_phrase_is_read_back_however_it_is_typed(number: int) -> None:
    phrase = rules.phrase_of(number)
    assert len(phrase) == 19
    typed = phrase.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert rules.normal_phrase(typed) == phrase.replace("-", "")


@given(st.lists(st.text(min_size=1, max_size=4), max_size=30), st.integers(2, 12))
def test_a_list_that_was_cut_says_how_many_lines_are_missing(lines: list[str], most: int) -> None:
    found = rules.cut(lines, most)
    assert len(found.lines) + found.left == len(lines)
    assert len(found.lines) + bool(found.left) <= max(most, len(lines) if not found.left else 0)
