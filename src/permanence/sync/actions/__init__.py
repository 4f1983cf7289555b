"""What is done about replicas."""

from permanence.sync.actions.aside import accept
from permanence.sync.actions.carrying import record_carried, record_held
from permanence.sync.actions.machines import (
    add_replica,
    introduce_oneself,
    release,
    rename_replica,
    revoke_replica,
)
from permanence.sync.actions.returns import record_return, record_verified
from permanence.sync.actions.settling import settle
from permanence.sync.actions.talks import record_comparison, record_talk, remember_near, remember_peer

__all__ = [
    "accept",
    "add_replica",
    "introduce_oneself",
    "record_carried",
    "record_comparison",
    "record_held",
    "record_return",
    "record_talk",
    "record_verified",
    "release",
    "remember_near",
    "remember_peer",
    "rename_replica",
    "revoke_replica",
    "settle",
]
