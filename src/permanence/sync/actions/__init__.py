"""What is done about replicas."""

from permanence.sync.actions.aside import accept, record_agreement
from permanence.sync.actions.carrying import record_carried, record_held
from permanence.sync.actions.entrusting import entrust, hand, renew_keys, withdraw
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
from permanence.sync.actions.roots import hand_on_root, record_root, tell_root_key
from permanence.sync.actions.settling import settle
from permanence.sync.actions.talks import (
    forget_told,
    record_comparison,
    record_heard,
    record_keys,
    record_leaving,
    record_talk,
    remember_near,
    remember_peer,
    remember_told,
)

__all__ = [
    "accept",
    "add_replica",
    "entrust",
    "forget_told",
    "hand",
    "hand_on_root",
    "introduce_oneself",
    "readmit",
    "record_agreement",
    "record_carried",
    "record_comparison",
    "record_heard",
    "record_held",
    "record_keys",
    "record_leaving",
    "record_return",
    "record_root",
    "record_talk",
    "record_verified",
    "remember_near",
    "remember_peer",
    "remember_told",
    "rename_replica",
    "renew_keys",
    "retry",
    "retry_all",
    "revoke_replica",
    "settle",
    "tell_origin",
    "tell_root_key",
    "withdraw",
]
