"""Patients of the clinical tests, and readers with the gates that a page has."""

import dataclasses
from pathlib import Path
from uuid import UUID

import pytest

from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.patients import actions
from tests.patients.conftest import jeanne, opened, register

__all__ = ["jeanne", "opened", "register"]


@pytest.fixture
def paul(moreau: Actor) -> UUID:
    """The right file, when a note was written in Jeanne's by mistake."""
    return actions.register(by=moreau, birth_name="Durand", first_given_name="Paul")


@pytest.fixture
def documents_folder(practice: vault.Vault, tmp_path: Path) -> Path:
    """The unlocked practice with a folder for its sealed files."""
    vault.use(dataclasses.replace(practice, folder=tmp_path))
    return tmp_path
