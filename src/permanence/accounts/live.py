"""Sessions as a request meets them: from memory, with their state at this instant. `actions.sessions` changes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from permanence.accounts import permissions, rules
from permanence.accounts.models import Session
from permanence.accounts.permissions import Facts, post_is_open, standing_of
from permanence.journal import acts
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One session at the instant it was asked for. Instants are UTC.

    `keys`: `current`, `pending`, `previous` are None or {thumbprint, public_key (JWK), since (ms UTC)}; `retired` a list.
    `state`: active, locked (idle or asked: one touch returns), frozen (a retired key signed: a new key is needed), ended.
    """

    id: UUID
    member: UUID
    post: UUID | None
    assurance: str
    tier: str
    keys: Mapping[str, Any]
    state: str
    created_at: datetime
    last_used_at: datetime
    uv_at: datetime
    absolute_end: datetime
    ended_reason: str = ""

    @property
    def actor(self) -> Actor:
        """Who acts in this session."""
        return Actor(self.member, self.id, self.post, self.assurance)

    def key(self, thumbprint: str) -> tuple[rules.KeyState, Mapping[str, Any] | None]:
        """What a key is to this session now, with its JWK: current, pending, previous, retired or unknown."""
        found = rules.key_state(self.keys, thumbprint, clock.ms())
        every = [*(self.keys.get(name) for name in ("current", "pending", "previous")), *self.keys.get("retired", ())]
        jwk = next((key["public_key"] for key in every if key and key["thumbprint"] == thumbprint), None)
        return found, jwk

    @property
    def key_states(self) -> Mapping[str, tuple[rules.KeyState, Mapping[str, Any] | None]]:
        """Every key that this session ever had: {thumbprint: (state now, JWK)}."""
        every = [*(self.keys.get(name) for name in ("current", "pending", "previous")), *self.keys.get("retired", ())]
        return {key["thumbprint"]: self.key(key["thumbprint"]) for key in every if key}


_last_used: dict[UUID, datetime] = {}  # exact, in memory; the row follows at most once a minute


def info(row: Session) -> SessionInfo:
    """A stored row as it stands now: idle, too old, or its member or post no longer welcome."""
    last_used = max(row.last_used_at, _last_used.get(row.id, row.last_used_at))
    found = SessionInfo(row.id, row.member_id, row.post_id, row.assurance, row.tier, row.keys, row.state, row.created_at,
                        last_used, row.uv_at, row.absolute_end, row.ended_reason)
    return _at_this_instant(found)


def _at_this_instant(found: SessionInfo) -> SessionInfo:
    last_used = max(found.last_used_at, _last_used.get(found.id, found.last_used_at))
    state = rules.state_at(found.state, last_used=last_used, absolute_end=found.absolute_end, now=clock.now())
    reason = found.ended_reason
    if state == "ended":
        reason = reason or "absolute"
    elif not _member_is_welcome(found.member):
        state, reason = "ended", "member"
    elif found.post is not None and not post_is_open(found.post):
        state, reason = "ended", "post"
    return replace(found, state=state, last_used_at=last_used, ended_reason=reason)


def _member_is_welcome(member: UUID) -> bool:
    try:
        return standing_of(member).active
    except Refused:
        return False


_COLUMNS = ("id", "member_id", "post_id", "assurance", "tier", "keys", "state", "created_at", "last_used_at", "uv_at",
            "absolute_end", "ended_reason")


def _load(token_hash: bytes) -> SessionInfo | None:
    row = Session.objects.filter(token_hash=token_hash).values_list(*_COLUMNS).first()
    return None if row is None else SessionInfo(*row)


_sessions: Facts[bytes, SessionInfo | None] = Facts(_load)


def get(token_hash: bytes) -> SessionInfo | None:
    """The session of a cookie's hash, in its state now; ended ones too (their reason is for the sign-in page)."""
    found = _sessions.of(bytes(token_hash))
    return None if found is None else _at_this_instant(found)


def of_id(session_id: UUID) -> SessionInfo | None:
    """A session by its id, from the table."""
    row = Session.objects.filter(id=session_id).first()
    return None if row is None else info(row)


def for_member(member_id: UUID) -> list[SessionInfo]:
    """A member's sessions that have not ended, newest first."""
    rows = Session.objects.filter(member_id=member_id).exclude(state="ended").order_by("-created_at")
    return [found for found in map(info, rows) if found.state != "ended"]


def used(session_id: UUID) -> None:
    """Note in memory that a session was used now."""
    if acts.current_act() is None:
        _last_used[session_id] = clock.now()


def forget() -> None:
    """Read standings, posts and sessions from the tables again."""
    permissions.forget()  # every `Facts`, ours included


def forget_after_commit() -> None:
    """The same, once the open transaction is on disk and before its action returns: a departure is felt at once."""
    transaction.on_commit(forget)


def forget_all() -> None:
    """At seal, and between tests: nothing of the practice stays in memory."""
    forget()
    _last_used.clear()


__all__ = ["SessionInfo", "for_member", "forget", "forget_after_commit", "forget_all", "get", "info", "of_id", "used"]
