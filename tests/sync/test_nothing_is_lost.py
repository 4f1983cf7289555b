"""Two to five machines, cut from each other at random, clocks days off, one restored, one added, one revoked: nothing that anybody wrote
is lost. And the control: the same lives merged by « the last one wins » lose something, so the oracle can see it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.journal import fold, vault
from tests.sync.life import Drawn, Life, Thrown, live
from tests.sync.machines import Machines
from tests.sync.oracle import Lost

RUNS = int(os.environ.get("ORACLE_RUNS", "100"))


@pytest.fixture
def practices(template: Path, keys: vault.Vault, tmp_path: Path, django_db_blocker: Any) -> Iterator[Callable[[], Machines]]:
    with django_db_blocker.unblock():
        yield lambda: Machines(template, keys, tmp_path)


def _told(made: Machines, chance: Drawn, *, rooted: bool = False) -> str:
    """What the oracle finds lost in one life; nothing, in ours."""
    try:
        life = live(made, chance, rooted=rooted)
        life.oracle.check(life.machines)
        life.visits.check(life.machines[0])
    except Lost as lost:
        return str(lost)
    finally:
        made.stop()
    return ""


@given(data=st.data())
@settings(max_examples=RUNS, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
def test_nothing_that_anybody_wrote_is_lost(practices: Callable[[], Machines], data: st.DataObject) -> None:
    assert _told(practices(), Drawn(data.draw)) == ""


@pytest.mark.parametrize("seed", range(max(4, RUNS // 20)))
def test_nothing_is_lost_when_the_root_changes_while_a_limited_laptop_is_out(practices: Callable[[], Machines], seed: int) -> None:
    """Few lives have both: files whose entries are under several keys, of which the laptop is given some later than others."""
    assert _told(practices(), Thrown(seed), rooted=True) == ""


def test_what_a_revoked_machine_wrote_under_a_new_id_is_accepted_too(practices: Callable[[], Machines]) -> None:
    """It was revoked, its disk died, it came back from a copy: its new id is heard no further than a person accepts, and then whole."""
    made = practices()
    try:
        life = Life(made, Thrown(1))
        while len(life.machines) < 3:
            life.act("add")
        for what in ("register", "revoke", "restore", "register", "note"):
            life.act(what)
        life.agree()
        life.oracle.check(life.machines)
    finally:
        made.stop()


def _last_one_wins(state: fold.State, write: fold.Write, arrived: Callable[[bytes], bool]) -> None:
    for name in write.base:
        register = state.setdefault(name, fold.Register())
        if write.values is not None and name in write.values:
            newest = max(((hlc, entry) for entry, (hlc, _) in register.live.items()), default=(0, b""))
            if (write.hlc, write.entry) > newest:
                register.live = {write.entry: (write.hlc, write.values[name])}


def test_the_control_the_last_one_wins_and_the_oracle_sees_what_is_lost(
    practices: Callable[[], Machines], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = range(12)
    assert [_told(practices(), Thrown(seed)) for seed in seeds] == [""] * len(seeds)
    monkeypatch.setattr(fold, "add", _last_one_wins)
    losses = [_told(practices(), Thrown(seed)) for seed in seeds]
    assert sum("should" in loss for loss in losses) >= len(seeds) // 3, losses
