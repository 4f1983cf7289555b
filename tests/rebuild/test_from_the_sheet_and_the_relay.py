"""From nothing but the paper and the relay's address: everything is back, verified, and the other machines hear the new one."""

from pathlib import Path
from uuid import UUID

import pytest

from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy
from permanence.journal.folder import Folder
from permanence.patients.models import Patient
from permanence.sync.models import Replica
from tests.rebuild.practices import Cabinet, founded, opened, rebuilt, talk, tables
from tests.relay.serving import Relay

SHEET = bytes(range(20))


@pytest.fixture
def cabinet(tmp_path: Path, relay: Relay) -> Cabinet:
    return founded(tmp_path, relay, SHEET)


def test_everything_is_back_and_both_machines_go_on(cabinet: Cabinet, tmp_path: Path) -> None:
    outcome, dump = rebuilt(cabinet, tmp_path / "neuf")
    assert dump == cabinet.dump
    assert (outcome.files, outcome.absent) == (1, 0)
    assert outcome.others == ("Machine du cabinet",)
    with opened(tmp_path / "neuf", cabinet.practice, SHEET) as here:
        clinical.add_allergy(cabinet.jeanne, by=cabinet.cast["moreau"], fields={"substance": "Iode"})
        talk(here, cabinet.base)
        new = tables()
    cabinet.work()  # the office that was not lost after all: it hears the new machine
    assert cabinet.dump == new
    with cabinet.open():
        assert set(Allergy.objects.values_list("substance", flat=True)) == {"Pénicilline", "Iode"}
