"""The only ways to change the accounts. One-use codes are returned once, and only their hash is kept."""

from permanence.accounts.actions.codes import Founded, Invited
from permanence.accounts.actions.consents import (
    agree,
    ask_recovery,
    ask_removal,
    ask_return,
    ask_titulaire,
    carry_out,
    recover_member,
    refuse,
)
from permanence.accounts.actions.members import (
    amend_member,
    depart_member,
    extend_member,
    invite_member,
    name_titulaire,
    recover_member_by_sheet,
    reinvite_member,
)
from permanence.accounts.actions.passkeys import accept_invitation, add_passkey, passkey_used, revoke_passkey
from permanence.accounts.actions.posts import approve_post, enrol_post, extend_post, invite_post, note_rehearsal, revoke_post
from permanence.accounts.actions.practice import found_practice
from permanence.accounts.actions.sessions import end_all_sessions, end_session
from permanence.accounts.actions.slots import record_slot, remove_slots, slot_opened

__all__ = ["Founded", "Invited", "accept_invitation", "add_passkey", "agree", "amend_member", "approve_post",
           "ask_recovery", "ask_removal", "ask_return", "ask_titulaire", "carry_out", "depart_member",
           "end_all_sessions", "end_session", "enrol_post", "extend_member", "extend_post", "found_practice", "invite_member",
           "invite_post", "name_titulaire", "note_rehearsal", "passkey_used", "record_slot", "recover_member",
           "recover_member_by_sheet", "refuse", "reinvite_member",
           "remove_slots", "revoke_passkey", "revoke_post", "slot_opened"]
