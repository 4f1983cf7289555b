"""Readers with the gates that a page has, and patients who are fictional."""

import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.db import connections

from permanence.accounts import permissions
from permanence.journal.doors import Actor, Reader
from permanence.journal.gates import Open
from permanence.patients import actions
from permanence.patients.permissions import ProtectionGate
from permanence.sync.queries import counting
from tests.cast import reader_for

D = datetime.date
BORN = D(1970, 1, 1)


def opened(actor: Actor) -> Reader:
    return reader_for(actor, ProtectionGate(), Open())


@pytest.fixture
def jeanne(moreau: Actor) -> UUID:
    """Jeanne MARTIN, 14/07/1958, whose médecin traitant is Dr Moreau."""
    patient = actions.register(
        by=moreau,
        birth_name="Martin",
        first_given_name="Jeanne",
        birth_date=D(1958, 7, 14),
        birth_sex="F",
        mobile="06 12 34 56 78",
    )
    actions.set_medecin_traitant(patient, by=moreau, member=moreau.member)
    return patient


@pytest.fixture
def register(moreau: Actor) -> Callable[..., UUID]:
    def make(name: str, given: str = "Alix", birth: D | None = BORN, **more: object) -> UUID:
        return actions.register(by=moreau, birth_name=name, first_given_name=given, birth_date=birth, despite=True, **more)

    return make


@contextmanager
def at_most(count: int) -> Iterator[None]:
    """At most this many reads by this thread (the connection is lent to the writer, which has business of its own).

    What is remembered for some seconds stays so meanwhile: that it is read again at this very moment would be chance.
    """
    seen: list[str] = []
    here, raw = threading.get_ident(), connections["default"].connection

    def note(sql: str) -> None:
        if threading.get_ident() == here and sql.startswith(("SELECT", "WITH")):
            seen.append(sql)

    raw.set_trace_callback(note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(permissions, "FRESH_S", 3_600.0)
            patch.setattr(counting, "FRESH_S", 3_600.0)
            yield
    finally:
        raw.set_trace_callback(None)
    assert len(seen) <= count, "\n".join(sql[:90] for sql in seen)
