"""The catalogue of capabilities and their states. Today everything built is on; who switches comes with containment."""

from enum import StrEnum
from uuid import UUID


class Capability(StrEnum):
    """What can be switched, each apart: the smallest thing is suspended, never everything (design, section 7)."""

    READ_RECORDS = "read_records"
    WRITE_RECORDS = "write_records"
    REGISTER_PATIENT = "register_patient"
    AGENDA = "agenda"
    PRESCRIBE = "prescribe"
    E_PRESCRIPTION = "e_prescription"
    CARE_SHEETS = "care_sheets"
    DMP = "dmp"
    SECURE_MAIL = "secure_mail"
    PATIENT_MESSAGES = "patient_messages"
    DEVICES = "devices"
    EXPORT = "export"
    REMOTE_ACCESS = "remote_access"
    RESEARCH_EXPORT = "research_export"


class State(StrEnum):
    """`QUEUED`: work is kept, shown, counted, and replayed once, in order."""

    ON = "on"
    READ_ONLY = "read_only"
    QUEUED = "queued"
    OFF = "off"


def state(capability: Capability, *, profession: str | None = None, member: UUID | None = None, post: UUID | None = None,
          network: str = "") -> State:
    """The state of a capability for a scope. Raises ValueError for a capability that is not in the catalogue."""
    Capability(capability)
    return State.ON
