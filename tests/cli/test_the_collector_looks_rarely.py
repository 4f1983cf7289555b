"""What a worker loads stays: the collector of cycles is kept from it, and from running every few pages."""

import gc
from collections.abc import Iterator

import pytest

from permanence.cli import worker


@pytest.fixture
def as_before() -> Iterator[None]:
    kept = gc.get_threshold()
    yield
    gc.enable()
    gc.set_threshold(*kept)


def test_it_runs_after_many_pages_and_passes_over_what_was_loaded(as_before: None) -> None:
    gc.disable()
    loaded = [[] for _ in range(1000)]
    worker.look_rarely()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == worker.YOUNG
    assert gc.get_freeze_count() > len(loaded)
    collections = gc.get_stats()[0]["collections"]
    made = [[] for _ in range(worker.YOUNG // 2)]
    assert gc.get_stats()[0]["collections"] == collections, len(made)
