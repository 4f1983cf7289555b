"""On the local network a machine is known by its sisters and by nobody else, and what anybody else says there changes nothing."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from permanence.journal import arrival, exchange, peers, vault
from permanence.journal.doors import Actor
from permanence.lib import cbor, discovery, suite
from permanence.sync import actions, behind, finding, nearby, queries, talking
from permanence.sync.models import Peer, Replica
from permanence.sync.nearby import Places
from tests.sync.machines import Machine, Machines
from tests.testapp import actions as people

HERE, AGAIN = ("192.168.1.20", 443), ("192.168.1.77", 443)
LAPTOP = ["portable.cabinet.example"]
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ADDRESSES = st.lists(st.ip_addresses(network="192.168.0.0/16") | st.ip_addresses(network="fd00::/8"), min_size=1, max_size=4, unique=True)


@pytest.fixture
def practice_keys(keys: vault.Vault) -> Iterator[vault.Vault]:
    before, _ = vault._current, vault.use(keys)
    yield keys
    vault.use(before)


@quick
@given(replica=st.uuids(), port=st.integers(1, 65_535), addresses=ADDRESSES)
def test_a_sister_reads_which_machine_it_is_and_where(practice_keys: vault.Vault, replica: UUID, port: int, addresses: list[Any]) -> None:
    said = [str(one) for one in addresses]
    token = nearby.token(replica, port, said)
    assert nearby.recognise(token) == nearby.Seen(replica, tuple((one, port) for one in said))
    assert len(token) == len(nearby.token(UUID(int=1), 443, ["10.0.0.1"])) <= discovery.LONGEST


@quick
@given(replica=st.uuids(), at=st.integers(0, 400), change=st.integers(1, 255))
def test_a_changed_token_is_nobodys(practice_keys: vault.Vault, replica: UUID, at: int, change: int) -> None:
    token = bytearray(nearby.token(replica, 443, ["192.168.1.20"]))
    token[at % len(token)] ^= change
    assert nearby.recognise(bytes(token)) is None


@quick
@given(st.binary(max_size=300))
@example(b"")
def test_what_a_stranger_makes_up_is_nobodys(practice_keys: vault.Vault, token: bytes) -> None:
    assert nearby.recognise(token) is None


def test_another_practice_reads_nothing_and_cannot_tell_two_machines_from_one(practice_keys: vault.Vault) -> None:
    one, same, other = nearby.token(UUID(int=1), 443, ["10.0.0.1"]), nearby.token(UUID(int=1), 443, ["10.0.0.1"]), nearby.token(
        UUID(int=2), 8443, ["10.0.0.2"])  # fmt: skip
    for token in (one, same, other):
        assert UUID(int=1).bytes not in token
        assert b"\x0a\x00\x00\x01" not in token
    shared = [sum(a == b for a, b in zip(one, another, strict=True)) for another in (same, other)]
    assert max(shared) < 16  # of 168 bytes: chance alone
    vault.use(vault.fresh(practice_keys.practice, suite.new_key()))
    assert nearby.recognise(one) is None


@pytest.mark.parametrize("said", [
    {1: 2, 2: bytes(16), 3: 443, 4: [b"\x0a\x00\x00\x01"]}, {1: 1, 2: bytes(15), 3: 443, 4: []}, {1: 1, 2: bytes(16), 3: 0, 4: []},
    {1: 1, 2: bytes(16), 3: 70_000, 4: []}, {1: 1, 2: bytes(16), 3: 443, 4: [b"x"]}, {1: 1}, [], 5,
])  # fmt: skip
def test_a_token_of_another_shape_is_nobodys(practice_keys: vault.Vault, said: Any) -> None:
    v = vault.current()
    sealed = suite.seal(suite.pad(cbor.dumps(said)), v.control, practice=v.practice, part=nearby.PART)
    assert nearby.recognise(sealed) is None


def test_an_address_of_the_internet_is_neither_said_nor_believed(practice_keys: vault.Vault) -> None:
    """A stolen machine could otherwise have us call it, from every network on which we are."""
    seen = nearby.recognise(nearby.token(UUID(int=1), 443, ["8.8.8.8", "192.168.1.20", "224.0.0.5", "0.0.0.0"]))  # noqa: S104
    assert seen is not None
    assert seen.places == (HERE,)
    assert all(discovery.is_local(one) for one in discovery.addresses())


# -- what a machine does with it


class Lines:
    """Lines to addresses: who answers at one has the right certificate or not."""

    def __init__(self, *good: nearby.Place) -> None:
        self.good, self.asked = set(good), list[tuple[str, Any]]()
        self.waits: threading.Event | None = None

    def __call__(self, base: str, here: Any, *, at: Any = None) -> Any:
        return _One(self, base, at)


class _One:
    def __init__(self, lines: Lines, base: str, at: Any) -> None:
        self.lines, self.base, self.at = lines, base, at

    def status(self) -> None:
        self.lines.asked.append((self.base, self.at))
        if self.at not in self.lines.good:
            if self.lines.waits is not None:
                self.lines.waits.wait(60)
            raise peers.Unreachable("tls")

    def close(self) -> None:
        """Nothing is held."""


class Quiet:
    def __init__(self, heard: Any, interfaces: Any) -> None:
        self.said: list[bytes] = []

    def announce(self, port: int, addresses: Any, token: bytes) -> None:
        self.said.append(token)

    def close(self) -> None:
        """Nothing."""


@pytest.fixture
def office(machines: Machines) -> Iterator[Machine]:
    here, laptop = machines.new(), machines.new()
    with here:
        keys = {"verify": laptop.vault.verify_key, "transport": b"t" * 32, "box": bytes(32)}
        actions.add_replica(UUID(bytes=laptop.replica), keys, name="Portable", kind="laptop", hosts=LAPTOP, by=Actor.machine("console"))
        yield here


def laptop_id() -> UUID:
    found: UUID = Replica.objects.get(name="Portable").id
    return found


def finder(office: Machine, lines: Lines, places: Places, **more: Any) -> finding.Finder:
    return finding.Finder(None, places, 443, tune=Quiet, addresses=lambda: ["192.168.1.2"], line=lines, every=0.0, **more)  # type: ignore[arg-type]


def listen(one: finding.Finder, *tokens: bytes) -> None:
    """What is heard is tried to its end."""
    for token in tokens:
        one.hear(token)
    one.once()
    for thread in tuple(one._proving.values()):
        thread.join(60)


def test_a_machine_nobody_talked_to_is_talked_to_once_it_is_found(office: Machine) -> None:
    lines, places = Lines(HERE), Places()
    listen(finder(office, lines, places), nearby.token(laptop_id(), 443, ["10.9.9.9", HERE[0]]))
    assert places.of(laptop_id()) == HERE
    row = Peer.objects.get()
    assert (row.replica, row.base, row.near) == (laptop_id(), f"https://{LAPTOP[0]}/{nearby.UNDER}", "192.168.1.20:443")
    listen(finder(office, Lines(HERE), Places()), nearby.token(laptop_id(), 443, [HERE[0]]))
    assert Peer.objects.count() == 1


def test_forged_replayed_and_revoked_lead_nowhere(office: Machine) -> None:
    by, id = Actor.machine("console"), laptop_id()
    own = nearby.token(UUID(bytes=office.replica), 443, [HERE[0]])
    unknown = nearby.token(UUID(int=99), 443, [HERE[0]])
    v = vault.current()
    stranger = replace(v, fixed={**v.fixed, "control": suite.new_key()})
    vault.use(stranger)
    foreign = nearby.token(id, 443, [HERE[0]])
    vault.use(v)
    lines, places = Lines(HERE), Places()
    one = finder(office, lines, places)
    listen(one, own, unknown, foreign, b"", b"\0" * 168)
    assert lines.asked == []
    actions.revoke_replica(id, by=by)
    listen(one, nearby.token(id, 443, [HERE[0]]))
    assert lines.asked == []
    assert Peer.objects.count() == 0
    assert places.of(id) is None


def test_a_place_that_works_is_not_replaced_and_one_without_the_certificate_is_never_used(office: Machine) -> None:
    lines, places = Lines(HERE), Places()
    one, id = finder(office, lines, places), laptop_id()
    old = nearby.token(id, 443, [AGAIN[0]])
    listen(one, nearby.token(id, 443, [HERE[0]]))
    assert places.of(id) == HERE
    lines.good.add(AGAIN)
    listen(one, old, old, old)
    assert places.of(id) == HERE
    lines.good.clear()  # it went away: nobody with its certificate is anywhere
    places.drop(id, HERE)
    listen(one, old)
    assert places.of(id) is None
    lines.good.add(AGAIN)  # another address of the DHCP server
    listen(one, nearby.token(id, 443, [AGAIN[0]]))
    assert places.of(id) == AGAIN
    assert Peer.objects.get().near == "192.168.1.77:443"


def test_a_replayed_token_and_one_who_never_answers_keep_nobody_waiting(office: Machine) -> None:
    """Old tokens whose addresses an attacker has taken, each holding whoever calls: the true place is tried beside them."""
    lines, places = Lines(HERE), Places()
    lines.waits = threading.Event()
    one, id = finder(office, lines, places), laptop_id()
    old = [nearby.token(id, 443, [f"10.0.0.{n}"]) for n in range(40)]
    for token in old:
        one.hear(token)
    one.hear(nearby.token(id, 443, [HERE[0]]))
    one.once()
    one._proving[HERE].join(60)
    assert places.of(id) == HERE
    assert sum(len(tries) for tries in one._tries.values()) <= finding.MOST_PLACES
    lines.waits.set()
    for thread in tuple(one._proving.values()):
        thread.join(60)


def test_a_place_proved_once_is_not_pushed_out_by_what_is_heard(office: Machine) -> None:
    """A stolen machine knows the key and could announce without end."""
    lines, places = Lines(HERE), Places()
    one, id = finder(office, lines, places), laptop_id()
    listen(one, nearby.token(id, 443, [HERE[0]]))
    for n in range(20):
        listen(one, nearby.token(id, 443, [f"10.0.1.{n}"]))
    places.drop(id, HERE)
    listen(one)
    assert places.of(id) == HERE


def test_without_tls_no_found_address_is_used(office: Machine) -> None:
    actions.remember_peer(f"http://portable.cabinet.localhost:8000/{nearby.UNDER}", replica=laptop_id())
    lines = Lines(HERE)
    listen(finder(office, lines, Places()), nearby.token(laptop_id(), 443, [HERE[0]]))
    assert lines.asked == []


def test_each_start_says_another_token_and_a_hosted_machine_none(office: Machine) -> None:
    said = []
    for _ in range(2):
        one = finder(office, Lines(), Places())
        one.once()
        said += one._radio.said  # type: ignore[union-attr]
    assert len(set(said)) == 2
    assert {nearby.recognise(token) for token in said} == {nearby.Seen(UUID(bytes=office.replica), (("192.168.1.2", 443),))}
    actions.introduce_oneself(name="Hébergée", kind="hosted", hosts=["heberge.x"], transport=bytes(32), box=bytes(32),
                              by=Actor.machine("sync"))  # fmt: skip
    hosted = finder(office, Lines(), Places())
    hosted.run()  # ends at once
    assert hosted._radio is None


def test_another_address_of_ones_own_is_announced_anew(office: Machine) -> None:
    own = [["192.168.1.2"]]
    one = finding.Finder(None, Places(), 443, tune=Quiet, addresses=lambda: own[0], line=Lines(), every=0.0)  # type: ignore[arg-type]
    one.once()
    first = one._radio
    one.once()
    assert one._radio is first
    own[0] = ["192.168.1.3"]
    one.once()
    assert one._radio is not first
    own[0] = []  # no network at all
    one.once()
    assert one._radio is None


# -- the talk


class Ways:
    """Lines that remember where they led; some places do not answer."""

    def __init__(self, *dead: Any) -> None:
        self.dead, self.led, self.closed = set(dead), list[Any](), 0

    def __call__(self, base: str, here: Any, *, at: Any = None) -> Any:
        ways = self

        class Line:
            def pull(self, asked: Any) -> Any:
                ways.led.append(at)
                if at in ways.dead:
                    raise peers.Unreachable("slow")
                return exchange.Given((), 0, False, arrival.held())

            def reads(self, mine: Any) -> Any:
                raise peers.Refused(404, "unknown")  # an older machine

            def close(self) -> None:
                ways.closed += 1

            def missing_blobs(self, hashes: Any) -> set[bytes]:
                return set()

            def put_heads(self, shown: Any) -> list[Any]:
                return []

            def heads(self) -> list[Any]:
                return []

        return Line()


def speaker(office: Machine, ways: Ways, places: Places) -> talking.Speaker:
    return talking.Speaker(Peer.objects.get(), type("Here", (), {"path": office.folder})(), ways, 1.0, places)


def test_the_talk_goes_near_when_it_can_and_falls_back_within_the_same_talk(office: Machine) -> None:
    given = ("192.168.1.5", 443)
    actions.remember_peer(f"https://{LAPTOP[0]}/{nearby.UNDER}", replica=laptop_id(), at="192.168.1.5:443")
    places, ways = Places(), Ways()
    one = speaker(office, ways, places)
    assert one.once()
    assert (ways.led, Peer.objects.get().way) == ([given], "at")
    places.keep(laptop_id(), HERE)
    assert one.once()
    assert (ways.led[-1], Peer.objects.get().way) == (HERE, "near")
    ways.dead.add(HERE)
    assert one.once()
    assert (ways.led[-2:], Peer.objects.get().way) == ([HERE, given], "at")
    assert Peer.objects.get().failing_since is None
    assert places.of(laptop_id()) is None
    assert one.once()
    assert ways.led[-1] == given
    ways.dead.add(given)  # the address that was given is dead too, and the machine is found elsewhere
    assert not one.once()
    places.keep(laptop_id(), AGAIN)
    assert one.once()
    assert (ways.led[-1], Peer.objects.get().failing_since) == (AGAIN, None)


def test_before_the_first_write_the_last_place_found_is_asked_too(office: Machine) -> None:
    actions.remember_peer(f"https://{LAPTOP[0]}/{nearby.UNDER}", replica=laptop_id())
    actions.remember_near(laptop_id(), base="", near="192.168.1.20:443")
    people.register(by=Actor(UUID(int=1), session=UUID(int=2)), family="A")
    ways = Ways(None)
    assert not behind.behind_elsewhere(None, line=ways)  # type: ignore[arg-type]
    assert set(ways.led) == {None, HERE}


def test_a_laptop_that_left_is_no_cut(office: Machine) -> None:
    listen(finder(office, Lines(HERE), Places()), nearby.token(laptop_id(), 443, [HERE[0]]))
    peer = Peer.objects.get().pk
    actions.record_talk(peer, given_until=0, way="near")
    assert queries.talks().peers == 1
    actions.record_talk(peer, why="slow")
    assert (queries.talks().peers, queries.talks().failing) == (0, 0)


def test_a_refusal_near_is_heard_where_it_is_said_and_not_asked_again_elsewhere(office: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost laptop that nobody can reach by name learns on the local network that it was revoked."""
    lines, places = Lines(HERE), Places()
    monkeypatch.setattr(_One, "status", lambda self: (_ for _ in ()).throw(peers.Refused(403, "key")))
    listen(finder(office, lines, places), nearby.token(laptop_id(), 443, [HERE[0]]))
    assert places.of(laptop_id()) == HERE
    ways, heeded = Ways(), list[Any]()
    one = speaker(office, ways, places)
    monkeypatch.setattr(arrival, "held", lambda: (_ for _ in ()).throw(peers.Refused(403, "key")))
    monkeypatch.setattr(one, "_revoked", lambda error: heeded.append(error.code) or True)
    assert not one.once()
    assert (heeded, places.of(laptop_id())) == (["key"], HERE)
