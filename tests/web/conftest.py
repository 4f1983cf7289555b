"""How the screens' tests visit a page: the view behind a path, by a person of the cast, without the proof (tested apart)."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse

from permanence.accounts.live import SessionInfo
from permanence.consultations import actions as clinical
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.patients import actions as patients
from permanence.web.proof.state import ProofState
from tests.cast import open_session

Visit = Callable[..., HttpResponse]


@pytest.fixture
def visit(cast: Mapping[str, Actor]) -> Visit:
    """`visit(actor, path, data, htmx=True)`: POST when there is data (its one-use id is added), else GET."""
    factory, open_ones = RequestFactory(), dict[UUID | None, SessionInfo]()

    def call(
        actor: Actor, path: str, data: Mapping[str, Any] | None = None, *, htmx: bool = False, fragment: bool = False, come_from: str = ""
    ) -> HttpResponse:
        if actor.member not in open_ones:
            open_ones[actor.member] = open_session(actor)
        headers = {"HX-Request": "true"} if htmx or fragment else {}
        if fragment:
            headers["HX-Request-Type"] = "partial"
        if come_from:
            headers["Referer"] = f"https://cabinet.example{come_from}"
        if data is None:
            request = factory.get(path, headers=headers)
        else:
            request = factory.post(path, {"once": str(uuid4()), **data}, headers=headers)
        request.proof_state = ProofState(session=open_ones[actor.member], reference="proof")  # type: ignore[attr-defined]
        request.csp_nonce = "nonce"  # type: ignore[attr-defined]
        request.resolver_match = match = resolve(request.path)
        response = match.func(request, *match.args, **match.kwargs)
        assert isinstance(response, HttpResponse)
        return response

    return call


@pytest.fixture
def jeanne(moreau: Actor) -> UUID:
    """MARTIN Jeanne, 14/07/1958, followed by Dr Moreau: problems, treatments, an allergy, measures, two notes."""
    day = clock.now().date().replace(year=1958, month=7, day=14)
    patient = patients.register(by=moreau, birth_name="Martin", given_names="Jeanne Marie", birth_date=day, birth_sex="F")
    patients.set_medecin_traitant(patient, by=moreau, member=moreau.member)
    patients.set_ald(patient, by=moreau, ald=True, text="Diabète")
    for fields in (
        {"label": "Diabète de type 2", "cim10": "E11.9", "start": "2014"},
        {"label": "Hypertension artérielle", "start": "2009"},
        {"label": "Appendicectomie", "kind": "chirurgical", "start": "1974", "active": False},
    ):
        clinical.add_history(patient, by=moreau, fields=fields)
    clinical.add_allergy(patient, by=moreau, fields={"substance": "amoxicilline", "reaction": "urticaire", "since": "2019"})
    clinical.add_treatment(
        patient,
        by=moreau,
        fields={
            "label": "Glucophage",
            "dci": "Metformine",
            "dose": {"value": 850, "scale": 0, "unit": "mg"},
            "form": "comprimé",
            "posology": "matin et soir",
            "source": "ici",
        },
    )
    clinical.add_treatment(
        patient,
        by=moreau,
        fields={
            "label": "lévothyroxine",
            "dci": "Lévothyroxine",
            "dose": {"value": 75, "scale": 0, "unit": "µg"},
            "form": "comprimé",
            "posology": "le matin à jeun",
            "source": "prescrit_ailleurs",
        },
    )
    clinical.add_vaccination(patient, by=moreau, fields={"vaccine": "Grippe saisonnière", "given": "25/10/2025", "lot": "X42-118"})
    clinical.sign_note(
        patient,
        by=moreau,
        fields={
            "motif": "Lombalgie aiguë",
            "text": "Douleur lombaire depuis trois jours après un effort, sans irradiation.",
        },
    )
    clinical.sign_note(
        patient,
        by=moreau,
        fields={
            "motif": "Renouvellement",
            "subjective": "Pas de plainte.",
            "objective": "Bon état général.",
            "assessment": "Diabète équilibré.",
            "plan": "Même traitement, contrôle dans trois mois.",
        },
        measures_line="TA 138/82 P 72,5 T 165 FC 68",
    )
    return patient


@pytest.fixture
def url() -> Callable[..., str]:
    return lambda name, *args: reverse(name, args=args)


@pytest.fixture
def page() -> Callable[[HttpResponse], str]:
    return lambda response: response.content.decode()
