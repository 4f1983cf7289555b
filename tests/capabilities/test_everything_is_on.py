"""The catalogue of the design, and the only answer there is so far."""

from uuid import uuid4

import pytest

from permanence.capabilities import Capability, State, state


def test_the_catalogue_is_the_designs() -> None:
    assert [capability.value for capability in Capability] == [
        "read_records", "write_records", "register_patient", "agenda", "prescribe", "e_prescription", "care_sheets", "dmp",
        "secure_mail", "patient_messages", "devices", "export", "remote_access", "research_export"]
    assert {found.value for found in State} == {"on", "read_only", "queued", "off"}


@pytest.mark.parametrize("capability", Capability)
def test_each_capability_is_on_for_every_scope(capability: Capability) -> None:
    assert state(capability) is State.ON
    assert state(capability, profession="medecin", member=uuid4(), post=uuid4(), network="10.0.0.0/8") is State.ON


def test_an_unknown_capability_is_refused() -> None:
    with pytest.raises(ValueError, match="teleport"):
        state("teleport")  # type: ignore[arg-type]
