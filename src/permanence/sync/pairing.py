"""A new machine joins by a short code shown on one and typed on the other: SPAKE2 (RFC 9382), so that nobody on the way can try codes
offline, and each guess made with us spends one of three. What binds both machines' keys travels under the key that both then have.

On this side: the codes that a titulaire shows. In memory only; at seal and at a restart nothing of them remains.
"""

import hmac
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from nacl.exceptions import CryptoError

from permanence.journal.doors import Actor, Refused
from permanence.lib import cbor, ids, suite
from permanence.lib.text import NBSP

LIFE_S, TRIES = 600.0, 3
JOINING, INVITING = b"permanence/joining/v1", b"permanence/inviting/v1"
PART = "pairing"
_PAIR = b"permanence/pairing/v1"
WRONG = f"Le code ne correspond pas, ou n’est plus bon{NBSP}: demandez-en un autre sur l’écran de l’autre machine."
BUSY = (f"Quelqu’un d’autre montre déjà un code sur cette machine{NBSP}: attendre qu’il ait servi, qu’il soit fermé, ou dix minutes. "
        "Deux machines se joignent l’une après l’autre.")  # fmt: skip


@dataclass(slots=True, eq=False)
class Shown:
    """One code on a screen. `by`: who answers for the machine that comes. `name` and `kind`: of the machine, as they were chosen."""

    id: UUID
    code: str = field(repr=False)
    by: Actor
    name: str
    kind: str
    host: str
    until: float
    left: int = TRIES
    talks: dict[bytes, "Talk"] = field(default_factory=dict, repr=False)
    joined: UUID | None = None
    panel_of: UUID | None = None  # of a limited machine: whose patients it will carry


@dataclass(frozen=True, slots=True)
class Talk:
    """One side of a pairing once both messages are known. Keys differ by direction; `proof` is what this side shows."""

    box: bytes = field(repr=False)
    proof: bytes = field(repr=False)
    expected: bytes = field(repr=False)

    def close(self, values: Mapping[int, Any], practice: bytes) -> bytes:
        """Values for the other side alone."""
        return suite.seal(cbor.dumps(dict(values)), self.box, practice=practice, part=PART)

    def open(self, sealed: bytes, practice: bytes) -> dict[int, Any]:
        """Raises Refused `code`."""
        try:
            found = cbor.loads(suite.unseal(sealed, self.box, practice=practice, part=PART))
        except (CryptoError, ValueError) as error:
            raise Refused(WRONG, code="code") from error
        if type(found) is not dict:
            raise Refused(WRONG, code="code")
        return found

    def check(self, proof: bytes) -> None:
        """Whether the other side typed the same code. Raises Refused `code`."""
        if not hmac.compare_digest(proof, self.expected):
            raise Refused(WRONG, code="code")


def _talk(key: bytes, joining: bytes, inviting: bytes, *, invites: bool) -> Talk:
    both = suite.hkdf(key, salt=suite.sha256(joining, inviting), info=_PAIR, length=96)
    box, of_joining, of_inviting = both[:32], both[32:64], both[64:]
    return Talk(box, of_inviting if invites else of_joining, of_joining if invites else of_inviting)


class Codes:
    """The codes of this process. `now`: seconds of a clock that never goes back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._shown: dict[UUID, Shown] = {}

    def show(self, *, name: str, kind: str, host: str, panel_of: UUID | None = None, by: Actor) -> Shown:
        """A code of ten minutes; a former one of the same person is over. Refused `busy`: another person shows one, and two could not
        be told apart by who types one."""
        made = Shown(uuid4(), ids.one_use_code(), by, name, kind, host, self._now() + LIFE_S, panel_of=panel_of)
        with self._lock:
            self._shown = {id: one for id, one in self._shown.items() if one.by.member != by.member and one.until > self._now()}
            if any(one.left > 0 and one.joined is None for one in self._shown.values()):
                raise Refused(BUSY, code="busy")
            self._shown[made.id] = made
        return made

    def of(self, id: UUID, by: Actor) -> Shown | None:
        """The code of one's own screen: whether it still waits, or who came."""
        found = self._shown.get(id)
        return found if found is not None and found.by.member == by.member else None

    def is_over(self, one: Shown) -> bool:
        """Whether nobody can join with it any more; false once somebody has."""
        return one.joined is None and (one.until <= self._now() or one.left <= 0)

    def close(self, id: UUID, by: Actor) -> None:
        if self.of(id, by) is not None:
            self._shown.pop(id, None)

    def hello(self, message: bytes) -> tuple[bytes, bytes, bytes]:
        """The first message of who types a code: (this talk's id, our message, the proof that we know the code). Refused `code`.

        It spends one try of every code shown: who guesses cannot choose which one.
        """
        with self._lock:
            alive = [one for one in self._shown.values() if one.until > self._now() and one.left > 0 and one.joined is None]
            if len(alive) != 1:
                raise Refused(WRONG, code="code")
            (one,) = alive
            one.left -= 1
            from spake2 import SPAKE2_B  # its tables are made at import: a start does without

            spake = SPAKE2_B(_password(one.code), idA=JOINING, idB=INVITING)
            ours = spake.start()
            try:
                talk = _talk(spake.finish(message), message, ours, invites=True)
            except Exception as error:  # hostile bytes fail in many ways
                raise Refused(WRONG, code="code") from error
            id = uuid4().bytes
            one.talks[id] = talk
            return id, ours, talk.proof

    def prove(self, id: bytes, proof: bytes) -> tuple[Shown, Talk]:
        """The code and the talk of a machine that showed it typed the same one; the code is spent. Raises Refused `code`."""
        with self._lock:
            one = next((one for one in self._shown.values() if id in one.talks and one.until > self._now()), None)
            talk = one.talks.pop(id) if one is not None else None
            if one is None or talk is None or one.joined is not None:
                raise Refused(WRONG, code="code")
            talk.check(proof)
            one.left, one.talks = 0, {}
            return one, talk

    def forget(self) -> None:
        """At seal."""
        with self._lock:
            self._shown.clear()


codes = Codes()


class Joining:
    """The side on which the code is typed."""

    def __init__(self, code: str) -> None:
        from spake2 import SPAKE2_A

        self._spake = SPAKE2_A(_password(code), idA=JOINING, idB=INVITING)
        self.message: bytes = self._spake.start()

    def talk(self, theirs: bytes, proof: bytes) -> Talk:
        """Once their message has come. Raises Refused `code` when the code typed is not the one shown."""
        try:
            talk = _talk(self._spake.finish(theirs), self.message, theirs, invites=False)
        except Exception as error:  # hostile bytes fail in many ways
            raise Refused(WRONG, code="code") from error
        talk.check(proof)
        return talk


def _password(code: str) -> bytes:
    return ids.normal_code(code).encode()
