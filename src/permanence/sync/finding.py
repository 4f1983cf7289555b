"""An open practice announces itself on the local network and finds its sisters there: what it hears is tried, then used.

Nothing heard touches a talk before the certificate at that address has been checked; a bye is never believed.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import connections

from permanence.journal import folder, peers, vault
from permanence.lib import clock, discovery, host, suite
from permanence.sync import actions, nearby, queries
from permanence.sync.lines import line_to, place_of
from permanence.sync.models import Peer, Replica
from permanence.sync.nearby import Place, Places

log = logging.getLogger(__name__)
EVERY_S = 5.0
RENEWED_S = 6 * 3600.0  # a new name and a new token: nobody follows a machine from one day to the next
MOST_HEARD, MOST_KNOWN, MOST_PLACES, MOST_TRIED = 64, 256, 4, 16  # tokens waiting, remembered; places of one machine; tried at once
LATER_S = 60.0  # the longest that a place is left alone after nobody was there
Tune = Callable[[discovery.Heard, Sequence[str]], discovery.Radio]


@dataclass(slots=True)
class Try:
    """A place where a machine may be."""

    failures: int = 0
    next_at: float = 0.0
    proved: bool = False  # it was there once: nothing that is heard pushes this place out


class Finder(threading.Thread):
    """One per open practice. `tune` gives the radio; `addresses` this machine's own, asked again and again."""

    def __init__(self, here: folder.Folder, places: Places, port: int, *, tune: Tune = discovery.Multicast,
                 addresses: Callable[[], Sequence[str]] = discovery.addresses, line: Callable[..., peers.Peer] = line_to,
                 every: float = EVERY_S) -> None:  # fmt: skip
        super().__init__(name="nearby", daemon=True)
        self._here, self._places, self._port, self._every = here, places, port, every
        self._tune, self._addresses, self._line = tune, addresses, line
        self._radio: discovery.Radio | None = None
        self._said: tuple[Sequence[str], float] = (), 0.0
        self._heard, self._known = deque[bytes](maxlen=MOST_HEARD), deque[bytes](maxlen=MOST_KNOWN)
        self._tries: dict[UUID, dict[Place, Try]] = {}
        self._proving: dict[Place, threading.Thread] = {}
        self._wake, self._stopping = threading.Event(), threading.Event()

    def stop(self) -> None:
        """Before sealing."""
        self._stopping.set()
        self._wake.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def run(self) -> None:
        host.give_way()
        try:
            if not self._is_hosted():
                self._remember_tries()
                while not self._stopping.is_set():
                    self._wake.clear()
                    self.once()
                    self._wake.wait(self._every)
        finally:
            self._silence()
            connections.close_all()

    def once(self) -> None:
        """Announce if something changed, learn what was heard, try what is due. What fails is tried again in a moment."""
        try:
            self._announce()
            while self._heard:
                self._learn(self._heard.popleft())
            self._prove_due()
        except Exception:
            if not self._stopping.is_set() and not vault.is_sealed():
                log.exception("the local network could not be searched")

    def _is_hosted(self) -> bool:
        """A hosted machine's neighbours are strangers: it says nothing to them."""
        return Replica.objects.filter(id=self._own(), kind="hosted").exists()

    def _own(self) -> UUID:
        return UUID(bytes=vault.current().replica)

    # -- saying

    def _announce(self) -> None:
        own, now = tuple(self._addresses()), clock.monotonic()
        if self._radio is not None and own == self._said[0] and now - self._said[1] < RENEWED_S:
            return
        self._silence()
        if not own:
            return
        try:
            self._radio = self._tune(self.hear, own)
            self._radio.announce(self._port, own, nearby.token(self._own(), self._port, own))
            self._said = own, now
        except OSError:
            log.warning("nothing can be announced on this network")
            self._silence()

    def _silence(self) -> None:
        radio, self._radio = self._radio, None
        if radio is not None:
            radio.close()

    # -- hearing

    def hear(self, token: bytes) -> None:
        """From the radio's own thread."""
        self._heard.append(token)
        self._wake.set()

    def _remember_tries(self) -> None:
        """Where machines were the last time: also on a network that carries no announcement."""
        for replica, near in Peer.objects.exclude(replica=None).exclude(near="").values_list("replica", "near"):
            if (place := place_of(near)) is not None and replica is not None:
                self._tries.setdefault(replica, {})[place] = Try(proved=True)

    def _learn(self, token: bytes) -> None:
        """A token heard before changes nothing: it may be a replay."""
        seen = nearby.recognise(token)
        if seen is None or seen.replica == self._own() or (mark := suite.sha256(token)) in self._known:
            return
        self._known.append(mark)
        before = self._tries.get(seen.replica, {})
        new = {place: Try(proved=place in before and before[place].proved) for place in seen.places}
        kept = [*new.items(), *(pair for pair in before.items() if pair[0] not in new)]
        self._tries[seen.replica] = dict(sorted(kept, key=lambda pair: not pair[1].proved)[:MOST_PLACES])

    # -- trying

    def _prove_due(self) -> None:
        """Each place of a machine that is heard, unless one of its places works already: that one is never replaced."""
        self._proving = {place: thread for place, thread in self._proving.items() if thread.is_alive()}
        now, known = clock.monotonic(), queries.transport_keys().values()
        for replica in [one for one in self._tries if one in known and self._places.of(one) is None]:
            for place, one in self._tries[replica].items():
                if one.next_at <= now and place not in self._proving and len(self._proving) < MOST_TRIED:
                    self._start(replica, place, one)

    def _start(self, replica: UUID, place: Place, one: Try) -> None:
        base = self._base_of(replica, place[1])
        if not base.startswith("https:"):  # without TLS, an address found proves nothing
            return
        one.next_at = clock.monotonic() + min(LATER_S, self._every * 2**one.failures)
        thread = self._proving[place] = threading.Thread(target=self._prove, args=(replica, base, place, one), name="prove", daemon=True)
        thread.start()

    def _base_of(self, replica: UUID, port: int) -> str:
        """The address of the talk with it, else the one that its names and this port make."""
        row = Peer.objects.filter(replica=replica).first()
        hosts = [] if row else Replica.objects.filter(id=replica).values_list("hosts", flat=True).first() or []
        return row.base if row else nearby.base_of(hosts, port)

    def _prove(self, replica: UUID, base: str, place: Place, one: Try) -> None:
        """Whoever answers there has the certificate of that machine's name, or it is not where we look for it."""
        line = None
        try:
            line = self._line(base, self._here, at=place)
            with suppress(peers.Refused):  # it answers: that it revoked this machine, say, is for the talk to hear
                line.status()
            one.failures, one.proved = 0, True
            self._places.keep(replica, place)
            actions.remember_near(replica, base=base, near=nearby.written(place))
        except (peers.Unreachable, peers.Malformed, ValueError, OSError):
            one.failures += 1
        except Exception:
            if not self._stopping.is_set() and not vault.is_sealed():
                log.exception("a place could not be tried")
        finally:
            if line is not None:
                line.close()
