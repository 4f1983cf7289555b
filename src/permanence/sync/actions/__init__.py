"""What is done about replicas."""

from permanence.sync.actions.aside import accept, record_agreement
from permanence.sync.actions.machines import (
    add_replica,
    introduce_oneself,
    readmit,
    rename_replica,
    retry,
    retry_all,
    revoke_replica,
    tell_origin,
)
from permanence.sync.actions.returns import record_return, record_verified
from permanence.sync.actions.settling import settle
from permanence.sync.actions.talks import record_comparison, record_heard, record_talk, remember_peer, remember_told

__all__ = [
    "accept",
    "add_replica",
    "introduce_oneself",
    "readmit",
    "record_agreement",
    "record_comparison",
    "record_heard",
    "record_return",
    "record_talk",
    "record_verified",
    "remember_peer",
    "remember_told",
    "rename_replica",
    "retry",
    "retry_all",
    "revoke_replica",
    "settle",
    "tell_origin",
]
