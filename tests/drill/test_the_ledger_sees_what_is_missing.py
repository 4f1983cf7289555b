"""The exercise would tell: a note, a value, a list that lacks something is named, and a report with it is not sound."""

from copy import deepcopy
from typing import Any

import pytest

from drill.checking import Found, _things, _values
from drill.ledger import Ledger
from drill.report import Report, page

SLOT = ("consultations.allergy", "line", "reaction")


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(patients={"p": "AUBRYA"}, notes={"Toux.": "p"}, appointments={"Rendez-vous 1": "p"}, tasks={"Rappeler 1": "p"},
                  lines={"Substance 1": ("consultations.allergy", "p")})  # fmt: skip
    made.value(SLOT, "urticaire", shown=None)
    made.value(SLOT, "bureau", shown="urticaire")
    made.value(SLOT, "portable", shown="urticaire")
    return made


@pytest.fixture
def answer() -> dict[str, Any]:
    return {"patients": [["p", "AUBRYA"]], "notes": [["Toux.", "p"]], "appointments": [["Rendez-vous 1", "p"]],
            "tasks": [["Rappeler 1", "p"]], "lines": [["Substance 1", "p"]], "slots": [["bureau", "portable"]],
            "conflicts": [["line", SLOT[0], ["reaction"]]]}  # fmt: skip


def found_in(ledger: Ledger, answer: dict[str, Any]) -> Found:
    found = Found()
    _things(found, "bureau", answer, ledger)
    _values(found, "bureau", answer, ledger)
    return found


def report_of(ledger: Ledger, found: Found) -> Report:
    return Report(days=3, seed=1, at="22/11/2026", apart=True, dns_gone=True, relay=True, seconds=1, prepared_s=1, cut_s=1, reconciled_s=1,
                  waited_entries=1, told=[], refused={"bureau": True}, ledger=ledger, found=found, verified=[], machines=[])  # fmt: skip


def test_what_is_there_is_not_missed(ledger: Ledger, answer: dict[str, Any]) -> None:
    assert report_of(ledger, found_in(ledger, answer)).sound


@pytest.mark.parametrize("thing", ["patients", "notes", "appointments", "tasks", "lines"])
def test_one_thing_less_or_twice_is_named(ledger: Ledger, answer: dict[str, Any], thing: str) -> None:
    less = deepcopy(answer)
    less[thing] = []
    assert found_in(ledger, less).lost
    twice = deepcopy(answer)
    twice[thing] *= 2
    assert found_in(ledger, twice).twice
    assert not report_of(ledger, found_in(ledger, twice)).sound


def test_last_writer_wins_would_be_called_a_loss(ledger: Ledger, answer: dict[str, Any]) -> None:
    answer |= {"slots": [["portable"]], "conflicts": []}
    found = found_in(ledger, answer)
    assert found.lost == ["bureau: consultations.allergy.reaction: bureau"]
    assert page(report_of(ledger, found))["verdict"] == "Des écarts ont été trouvés"


def test_two_values_that_no_list_shows_are_named(ledger: Ledger, answer: dict[str, Any]) -> None:
    answer["conflicts"] = []
    assert found_in(ledger, answer).hidden


def test_a_version_that_a_person_chose_is_enough(ledger: Ledger, answer: dict[str, Any]) -> None:
    answer |= {"slots": [["portable"]], "conflicts": []}
    ledger.settled.add("line")
    assert report_of(ledger, found_in(ledger, answer)).sound
    answer["slots"] = [["écrite par personne"]]
    assert found_in(ledger, answer).lost


def test_a_request_that_failed_or_a_person_let_in_is_not_sound(ledger: Ledger, answer: dict[str, Any]) -> None:
    report = report_of(ledger, found_in(ledger, answer))
    report.refused["portable"] = False
    assert not report.sound
    report.refused.clear()
    ledger.failed.append("bureau: GET /: 500")
    assert not report.sound
