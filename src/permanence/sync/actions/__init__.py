"""What is done about replicas."""

from permanence.sync.actions.aside import accept
from permanence.sync.actions.machines import (
    add_replica,
    introduce_oneself,
    release,
    rename_replica,
    revoke_replica,
    tell_origin,
)
from permanence.sync.actions.returns import record_return, record_verified
from permanence.sync.actions.settling import settle
from permanence.sync.actions.talks import record_comparison, record_heard, record_talk, remember_peer

__all__ = [
    "accept",
    "add_replica",
    "introduce_oneself",
    "record_comparison",
    "record_heard",
    "record_return",
    "record_talk",
    "record_verified",
    "release",
    "remember_peer",
    "rename_replica",
    "revoke_replica",
    "settle",
    "tell_origin",
]
