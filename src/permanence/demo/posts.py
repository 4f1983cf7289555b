"""Posts and keys of the fictional practice, so that « Prêts pour une coupure » has somebody to count: nobody holds these keys."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from permanence.accounts import actions
from permanence.journal.doors import Actor

POSTS = ("Accueil", "Cabinet 1", "Cabinet 2")
WITHOUT = frozenset({"hugo"})  # he has no key yet: somebody has to be told what to do


def live(members: Mapping[str, UUID], rp_id: str) -> None:
    """Three approved posts, and a key for everybody but one."""
    by = Actor(members["moreau"], assurance="demo")
    for name in POSTS:
        code = actions.invite_post(name=name, by=by).code
        post = actions.enrol_post(code, token_hash=_made_up(name), thumbprint=_made_up(name).hex()[:43], public_key={},
                                  by=Actor.machine("sign_in"))  # fmt: skip
        actions.approve_post(post, by=by)
    for key, member in members.items():
        if key not in WITHOUT:
            actions.add_passkey(credential_id=_made_up(key), public_key=b"\xa0", rp_id=rp_id, transports=["internal"], label="Clé du poste",
                                by=Actor(member, assurance="demo"))  # fmt: skip


def _made_up(name: str) -> bytes:
    return hashlib.sha256(f"fictional {name}".encode()).digest()
