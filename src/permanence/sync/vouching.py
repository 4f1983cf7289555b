"""One machine's word for another that a browser is a post of the practice: checked without the two having to hear each other.

It names the machine it is for, that machine's own nonce, and the key that the browser made at its address: whoever takes the word has
nothing without that key, and no two clocks are compared.
"""

from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.proof import b64url, from_b64url
from permanence.journal import vault
from permanence.journal.doors import Refused
from permanence.lib import cbor, suite
from permanence.lib.text import NBSP
from permanence.sync import queries, rules

LABEL = b"permanence/post-word/v1\0"
MOST = 2000  # characters
NOT_GOOD = f"Cette machine ne reconnaît pas la parole de l’autre{NBSP}: recommencer depuis l’autre machine."
GONE = f"La machine qui répond de ce poste n’est plus écoutée{NBSP}: le faire depuis une autre machine, ou avec un code."


@dataclass(frozen=True, slots=True)
class Word:
    """What is said: this browser, with this key (thumbprint), is that post; that member touched their key for it."""

    target: UUID
    post: UUID
    member: UUID
    thumbprint: str
    nonce: str
    by: UUID | None = None  # the machine that says so: filled in by `read`


def may_send_to(origin: str, *, like: str, rp_id: str) -> bool:
    """Whether a browser may be sent to this address of another machine."""
    return rules.is_address(origin, rp_id, like)


def give(word: Word) -> str:
    """Signed by this machine."""
    v = vault.current()
    said = cbor.dumps({1: 1, 2: v.practice, 3: v.replica, 4: word.target.bytes, 5: word.post.bytes, 6: word.member.bytes,
                       7: word.thumbprint, 8: word.nonce})  # fmt: skip
    return b64url(cbor.dumps([said, suite.sign(LABEL + said, v.signing)]))


def read(text: str) -> Word:
    """What another machine of this practice said to this one. Raises Refused `word`, `gone`."""
    try:
        said, signature = cbor.loads(from_b64url(text[:MOST]))
        found = cbor.loads(said)
        word = Word(UUID(bytes=found[4]), UUID(bytes=found[5]), UUID(bytes=found[6]), str(found[7]), str(found[8]), UUID(bytes=found[3]))
        practice, form = bytes(found[2]), found[1]
    except (LookupError, TypeError, ValueError) as error:
        raise Refused(NOT_GOOD, code="word") from error
    v, known = vault.current(), queries.known()
    if form != 1 or practice != v.practice or word.target.bytes != v.replica or word.by is None or word.by not in known:
        raise Refused(NOT_GOOD, code="word")
    if rules.heard(word.by, known) is not None:  # revoked, or never let in
        raise Refused(GONE, code="gone")
    if not suite.check_signature(bytes(signature), LABEL + said, known[word.by].verify_key):
        raise Refused(NOT_GOOD, code="word")
    return word
