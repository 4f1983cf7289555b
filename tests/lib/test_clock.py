"""The clock: what is stored is what was shown, hybrid clocks never go back, a wild remote clock is not adopted."""

import datetime
import threading

import pytest

from permanence.lib import clock

NOON = datetime.datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=datetime.UTC)


def test_now_is_aware_utc_and_agrees_with_the_milliseconds():
    with clock.override(NOON):
        assert clock.now() == NOON.replace(microsecond=123_000)
        assert clock.ms() == round(NOON.timestamp() * 1000 - 0.456)


def test_an_override_holds_for_every_thread_and_ends():
    seen = []
    with clock.override(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        with clock.override(offset=datetime.timedelta(days=-1)):
            assert clock.now() < datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=23)
        assert clock.now().date() == NOON.date()
    assert seen == [NOON.replace(microsecond=123_000)]
    assert clock.now() != NOON


def test_a_clock_a_day_back_still_ticks_forward():
    last = clock.hlc_tick(0, clock.ms())
    with clock.override(offset=datetime.timedelta(days=-1)):
        later = clock.hlc_tick(last, clock.ms())
    assert later == last + 1
    assert clock.hlc_ms(later) == clock.hlc_ms(last)


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="naive"), clock.override(NOON.replace(tzinfo=None)):
        pass
    with pytest.raises(TypeError), clock.override():
        pass


@pytest.mark.parametrize(("ahead", "adopted"),
                         [(0, True), (clock.MOST_AHEAD_MS, True), (clock.MOST_AHEAD_MS + 1, False)])
def test_a_remote_clock_more_than_five_minutes_ahead_is_not_adopted(ahead, adopted):
    wall = 1_700_000_000_000
    last, remote = wall << 16, (wall + ahead) << 16 | 3
    assert clock.hlc_merge(last, remote, wall) == (remote if adopted else last)


def test_many_ticks_in_one_millisecond_stay_in_order():
    last, seen = 0, []
    for _ in range(70_000):  # more than the counter's 16 bits: it carries into the milliseconds
        last = clock.hlc_tick(last, 1000)
        seen.append(last)
    assert seen == sorted(set(seen))


def test_nobody_vouches_for_the_clock_until_someone_does():
    assert clock.clock_known_good() is False
    clock.use_known_good(lambda: True)
    try:
        assert clock.clock_known_good() is True
    finally:
        clock.use_known_good(None)
