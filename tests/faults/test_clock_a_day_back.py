"""The clock goes back by a day, while the practice is open or closed: work goes on, time in the journal grows."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest

from permanence.journal import vault, verify, wire
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from tests.faults import cabinet
from tests.testapp import actions
from tests.testapp.models import Person

DAY = timedelta(days=1)
DAY_MS = 86_400_000


def inners(alias: str) -> list[wire.Inner]:
    v = vault.current()
    return [wire.open_inner(inner, v.metadata, v.practice)
            for (inner,) in run(alias, "SELECT inner FROM journal_entry ORDER BY id").fetchall()]


def work(times: int = 3) -> UUID:
    for _ in range(times):
        person = actions.register(by=cabinet.BY, family="before")
        cabinet.read_one(person)
    return person


def grows(hlcs: list[int]) -> bool:
    return all(before < after for before, after in pairwise(hlcs))


def test_a_day_back_while_open_writes_go_on_and_the_journal_shows_it(path: Path) -> None:
    with cabinet.opened(path) as here:
        person = work()
        with clock.override(offset=-DAY):
            actions.amend(person, by=cabinet.BY, family="after")
            actions.amend(person, by=cabinet.BY, phone="0600000000")
            work()
        assert Person.objects.get(id=person).family == "after"  # the later act wins, whatever its clock said
        for alias in cabinet.FILES:
            found = inners(alias)
            assert grows([inner.hlc for inner in found])
            back = [inner for inner in found if clock.hlc_ms(inner.hlc) - inner.wall > DAY_MS // 2]
            assert len(back) == len(found) - 3, alias  # each entry carries both times: who reads it sees that they disagree
            assert not any(inner.clock_good for inner in back)
        assert verify.verify(full=True, saved_heads=here.saved_heads()).sound


def test_a_day_back_while_closed_writes_go_on(path: Path) -> None:
    with cabinet.opened(path):
        person = work()
    with clock.override(offset=-DAY), cabinet.opened(path) as here:
        actions.amend(person, by=cabinet.BY, family="after")
        work()
        assert grows([inner.hlc for inner in inners("default")])
        assert Person.objects.get(id=person).family == "after"
        assert verify.verify(full=True, saved_heads=here.saved_heads()).sound
    with cabinet.opened(path) as here:
        work()
        assert verify.verify(full=True, saved_heads=here.saved_heads()).sound
        assert len(here.saved_heads()) == 2


def test_a_day_back_while_closed_the_access_journal_grows_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cabinet.opened(path):
        work()
    monkeypatch.setattr("permanence.journal.access._last_hlc", 0, raising=False)  # another process opens the practice
    with clock.override(offset=-DAY), cabinet.opened(path):
        work()
        assert grows([inner.hlc for inner in inners("access")])


def test_a_year_ahead_then_right_again(path: Path) -> None:
    with cabinet.opened(path) as here:
        with clock.override(offset=timedelta(days=365)):
            person = work()
        actions.amend(person, by=cabinet.BY, family="right")
        work()
        assert Person.objects.get(id=person).family == "right"
        assert grows([inner.hlc for inner in inners("default")])
        assert verify.verify(full=True, saved_heads=here.saved_heads()).sound
