"""What a machine that invites gives to the one that joins, and what the one that joins makes of it: an empty replica that may ask.

All of it travels inside a pairing (`pairing.Talk`). The first exchange then brings the record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from permanence.accounts import live
from permanence.journal import authority, vault
from permanence.journal.doors import Refused
from permanence.journal.folder import Folder, Joined, create
from permanence.journal.seal import Transport, add_erased, load_erased, save_tls
from permanence.lib import clock, pki, suite
from permanence.lib.text import NBSP
from permanence.sync import actions, entrusting, pairing, queries

GONE = f"La session qui montrait ce code est fermée{NBSP}: la rouvrir, puis demander un nouveau code."
LIMITED = (f"Ce portable est limité{NBSP}: il n’a pas de quoi faire entrer une autre machine. Le faire depuis une machine entière du "
           "cabinet.")  # fmt: skip
AGAIN = f"L’autre machine n’a pas dit ce qu’il fallait{NBSP}: recommencez avec un nouveau code."


@dataclass(frozen=True, slots=True)
class Practice:
    """What was given: the practice's keys, the names, who opens. Nothing of a patient. To a limited machine, no root: `intake` instead."""

    keys: Joined
    rp_id: str
    inviter: UUID
    base: str
    certificate: bytes  # of the practice's authority, PEM; empty where its names have public certificates
    leaf: bytes
    leaf_key: bytes
    sheets: tuple[tuple[bytes, bytes], ...]  # slot and public key of each recovery sheet
    relays: tuple[str, ...] = ()  # where the practice's machines meet
    machines: tuple[tuple[UUID, dict[int, int] | None], ...] = ()  # that the inviter hears, or heard until they were revoked
    intake: bytes = b""  # for a limited machine: what it seals keys of new patients to

    def encode(self) -> dict[int, Any]:
        return {1: self.keys.practice, 2: self.keys.epoch, 3: self.keys.root, 4: dict(self.keys.fixed), 5: sorted(self.keys.erased),
                6: self.rp_id, 7: self.inviter.bytes, 8: self.base, 9: self.certificate, 10: self.leaf, 11: self.leaf_key,
                12: [list(sheet) for sheet in self.sheets], 13: list(self.relays),
                14: [[id.bytes, until] for id, until in self.machines], 15: self.intake, 16: dict(self.keys.roots)}  # fmt: skip

    @classmethod
    def decode(cls, found: Mapping[int, Any]) -> "Practice":
        """Raises Refused `code` for another shape."""
        try:
            intake = bytes(found.get(15, b""))
            labels = vault.SHARED if intake else vault.FIXED
            keys = Joined(found[1], found[2], found[3], {name: found[4][name] for name in labels}, tuple(found[5]),
                          roots=dict(found.get(16, {})))  # fmt: skip
            sheets = tuple((slot, public) for slot, public in found[12])
            machines = tuple((UUID(bytes=id), None if until is None else dict(until)) for id, until in found.get(14, ()))
            return cls(keys, found[6], UUID(bytes=found[7]), found[8], found[9], found[10], found[11], sheets, tuple(map(str, found[13])),
                       machines, intake)  # fmt: skip
        except (LookupError, TypeError, ValueError) as error:
            raise Refused(AGAIN, code="code") from error


def invite(here: Folder, shown: pairing.Shown, told: Mapping[int, Any], *, base: str) -> Practice:
    """Add the machine that came, by the hand of who showed the code; what it is to be given. Raises Refused.

    `told`: {1: its id, 2: verify, 3: transport, 4: box key, 5: entrusted key}, as it said inside the pairing.
    """
    if vault.current().limited is not None:
        raise Refused(LIMITED, code="limited")
    try:
        id, keys = UUID(bytes=told[1]), {"verify": bytes(told[2]), "transport": bytes(told[3]), "box": bytes(told[4])}
        if shown.kind == "limited":
            keys["entrusted"] = bytes(told[5])
    except (LookupError, TypeError, ValueError) as error:
        raise Refused(AGAIN, code="code") from error
    session = None if shown.by.session is None else live.of_id(shown.by.session)
    if shown.by.session is not None and (session is None or session.state not in ("active", "locked")):
        raise Refused(GONE, code="code")
    record, v = here.record(), vault.current()
    certificate, leaf = _leaf(shown.host)
    actions.add_replica(id, keys, name=shown.name, kind=shown.kind, hosts=[shown.host], panel_of=shown.panel_of,
                        by=shown.by)  # fmt: skip
    shown.joined = id
    limited, erased = shown.kind == "limited", tuple(load_erased(here.seal_path))
    return Practice(
        Joined(v.practice, v.epoch, b"", {name: v.fixed[name] for name in vault.SHARED}, erased) if limited else
        Joined(v.practice, v.epoch, here.keys.root, v.fixed, erased, roots=v.roots), record.rp_id, UUID(bytes=v.replica), base,
        certificate, leaf.certificate if leaf else b"", leaf.key if leaf else b"",
        tuple((slot.id, slot.public) for slot in record.slots if slot.kind == "sheet"), tuple(queries.relays()),
        tuple(queries.told()), entrusting.intake_key() if limited else b"")  # fmt: skip


def _leaf(host: str) -> tuple[bytes, pki.Pair | None]:
    """The authority's certificate and a leaf for the new machine's name, where this machine holds the authority."""
    pair = authority.current()
    if pair is None:
        return b"", None
    try:
        return pair.certificate, pki.make_leaf(pair, [host], now=clock.now())
    except pki.Untrusted as wrong:
        raise Refused(wrong.sentence, code="name") from wrong


@dataclass(frozen=True, slots=True)
class Fresh:
    """The keys of a machine that is about to join: made before it says them, kept when it is let in."""

    transport: Transport
    verify_key: bytes
    signing: bytes
    entrusted: bytes  # X25519, private: kept only where the machine turns out to be a limited one

    @classmethod
    def new(cls) -> "Fresh":
        verify_key, signing = suite.signing_pair()
        return cls(Transport.new(), verify_key, signing, suite.x25519_pair()[1])

    @property
    def id(self) -> UUID:
        return UUID(bytes=suite.replica_id(self.verify_key))

    def told(self) -> dict[int, bytes]:
        return {1: self.id.bytes, 2: self.verify_key, 3: self.transport.verify_key, 4: self.transport.public,
                5: suite.x25519_public(self.entrusted)}  # fmt: skip


def make(path: Path, given: Practice, fresh: Fresh, *, hosts: Sequence[str], at: str = "") -> Folder:
    """An empty replica's folder, open, that opens with the practice's own sheet, and knows whom to ask. Raises Unsuitable."""
    limited = vault.Limited(given.intake, fresh.entrusted) if given.intake else None
    made = create(path, hosts=hosts, rp_id=given.rp_id, of=replace(given.keys, limited=limited), signing=(fresh.verify_key, fresh.signing))
    fresh.transport.save(made.seal_path)
    add_erased(made.seal_path, given.keys.erased)
    for slot, public in given.sheets:
        made.add_slot(public, "sheet", id=slot)
    if given.leaf:
        save_tls(made.seal_path, given.leaf_key, given.leaf + given.certificate)
    actions.remember_peer(given.base, replica=given.inviter, at=at)
    actions.remember_told(given.machines)
    for base in given.relays:
        actions.remember_peer(base)
    return made


Asking = Callable[[str, Mapping[int, Any]], Mapping[int, Any]]


def join(path: Path, code: str, ask: Asking, *, hosts: Sequence[str], at: str = "") -> tuple[Folder, Practice]:
    """Type a code: `ask(step, values)` carries each message to the other machine. Raises Refused, Unsuitable, what `ask` raises."""
    joining, fresh = pairing.Joining(code), Fresh.new()
    hello = ask("hello", {1: joining.message})
    try:
        talk, id, practice = joining.talk(hello[2], hello[3]), hello[1], hello[4]
    except (LookupError, TypeError) as error:
        raise Refused(AGAIN, code="code") from error
    answer = ask("join", {1: id, 2: talk.proof, 3: talk.close(fresh.told(), practice)})
    given = Practice.decode(talk.open(answer.get(1, b""), practice))
    return make(path, given, fresh, hosts=hosts, at=at), given


def welcome(here: Folder, step: str, said: Mapping[int, Any], *, base: str) -> dict[int, Any]:
    """The side that invites: the answer to each message. Raises Refused `code`, and as `invite`."""
    practice = vault.current().practice
    try:
        if step == "hello":
            id, message, proof = pairing.codes.hello(bytes(said[1]))
            return {1: id, 2: message, 3: proof, 4: practice}
        shown, talk = pairing.codes.prove(bytes(said[1]), bytes(said[2]))
        return {1: talk.close(invite(here, shown, talk.open(bytes(said[3]), practice), base=base).encode(), practice)}
    except (LookupError, TypeError) as error:
        raise Refused(AGAIN, code="code") from error
