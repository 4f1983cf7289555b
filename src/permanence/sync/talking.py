"""What an open replica does by itself: it talks with every other one, notices within seconds when it cannot, and tells the strip."""

import datetime
import logging
import threading
from collections.abc import Callable

from django.db import connections

from permanence.journal import acts, folder, peers, vault, verify
from permanence.lib import host
from permanence.sync import actions, apart, brought, entrusting, hearing, leaving, nearby, queries, roots, segments
from permanence.sync.lines import line_to, place_of
from permanence.sync.models import Peer
from permanence.sync.talk import REVOKED, Talk

log = logging.getLogger(__name__)
EVERY_S, RETRY_S, TELL_S = 0.3, 2.0, 1.0
KEEP_HEARD = datetime.timedelta(minutes=1)


class Speaker(threading.Thread):
    """One for each peer, so that one that does not answer holds up no other: at once after a local write, every 0.3 s otherwise."""

    def __init__(self, row: Peer, here: folder.Folder, line: Callable[..., peers.Peer], every: float,
                 places: nearby.Places | None = None) -> None:  # fmt: skip
        super().__init__(name=f"sync-{row.pk}", daemon=True)
        self._row, self._here, self._line, self._every, self._places = row, here, line, every, places or nearby.Places()
        self.wake, self._stopping = threading.Event(), threading.Event()
        self._talk: Talk | None = None
        self._at: nearby.Place | None = None  # where its line leads
        self._leaving = leaving.Leaving(here)

    def stop(self) -> None:
        self._stopping.set()
        self.wake.set()
        if self._talk is not None:
            self._talk.line.close()

    def run(self) -> None:
        host.give_way()
        try:
            while not self._stopping.is_set():
                self.wake.clear()
                self._stopping.wait(0 if self.once() else RETRY_S)
                self.wake.wait(self._every)
        finally:
            connections.close_all()

    def once(self) -> bool:
        """One talk; whether it went to its end. What fails is said, and tried again in a moment."""
        try:
            if not queries.still_heard(self._row.replica):  # revoked meanwhile: not a byte more, not even a question
                self._stopping.set()
                return True
            if apart.standing() is not None:
                if self._talk is None:  # one that begins meanwhile has nothing to report yet
                    return False
                apart.refuse()
            self._verify(self._talked())
            return True
        except Exception as error:
            if not self._stopping.is_set() and not vault.is_sealed() and not self._revoked(error):
                self._failed(error)
            return False

    def _talked(self) -> Talk:
        """One talk to its end: where the machine was found on the local network, else, at once, where it was said to be."""
        if (near := self._places.of(self._row.replica)) is not None:
            try:
                talk = self._talk_at(near, "near")
                talk.once()
                return talk
            except (peers.Unreachable, peers.Refused, peers.Malformed) as error:
                if isinstance(error, peers.Refused) and error.code == "key":
                    raise  # that machine's own word, whatever the way: this one was revoked
                self._places.drop(self._row.replica, near)
        talk = self._talk_at(place_of(self._row.at), "at" if self._row.at else "name")
        talk.once()
        return talk

    def _talk_at(self, place: nearby.Place | None, way: str) -> Talk:
        """The talk, on a line to that place: what it remembers goes on whatever the way."""
        if self._talk is None:
            self._talk = Talk(self._row, self._line(self._row.base, self._here, at=place), self._here.path)
        elif place != self._at:
            self._talk.line.close()
            self._talk.line = self._line(self._row.base, self._here, at=place)
        self._at, self._talk.way = place, way
        return self._talk

    def _revoked(self, error: Exception) -> bool:
        """Refused because the practice revoked this machine: it says so, hands over what it wrote, empties itself when it is lost."""
        if not isinstance(error, peers.Refused) or error.code != "key" or self._talk is None:
            return False
        try:
            if self._leaving.heed(self._talk.line) is None:
                return self._talk.why == REVOKED
        except (peers.Unreachable, peers.Refused, peers.Malformed):
            return False
        if not self._here.sealed:
            self._talk.failed(REVOKED)
        return True

    def _verify(self, talk: Talk) -> None:
        """After a return, the quick verification that its report waits for; gently, and not to its end when the practice closes."""
        if talk.returned is None:
            return
        report = verify.verify(saved_heads=self._here.saved_heads(), rest=self._stopping.wait)
        actions.record_verified(talk.returned, sound=report.sound)
        talk.returned = None

    def _failed(self, error: Exception) -> None:
        why = "error"
        if isinstance(error, peers.Unreachable | peers.Refused | peers.Malformed):
            why = error.why if isinstance(error, peers.Unreachable) else getattr(error, "code", "malformed")
        else:
            log.exception("a talk failed")
        try:
            if self._talk is not None:
                self._talk.failed(why)
            else:
                actions.record_talk(self._row.pk, why=why)
        except Exception:
            log.exception("a failure could not be kept")


class Talker(threading.Thread):
    """One per open practice: starts who speaks with each peer, also with one that comes later, and tells the strip how it goes."""

    def __init__(self, here: folder.Folder, *, every: float = EVERY_S, line: Callable[..., peers.Peer] = line_to,
                 places: nearby.Places | None = None) -> None:  # fmt: skip
        super().__init__(name="sync", daemon=True)
        self._here, self._every, self._line, self._places = here, every, line, places or nearby.Places()
        self._stopping = threading.Event()
        self._speakers: dict[int, Speaker] = {}
        self._courier = segments.Courier(here, lambda row: line(row.base, here, at=place_of(row.at)))
        self._tender = roots.Tender(here)
        self._believed = ""
        self._entrusting = entrusting.Round()
        self.state: queries.Talks | None = None  # of the last second: nobody waits for it

    def start(self) -> None:
        hearing.begin()
        brought.begin()
        acts.head_committed.append(self._written)
        super().start()
        self._courier.start()
        self._tender.start()

    def stop(self) -> None:
        """Before sealing."""
        self._stopping.set()
        if self._written in acts.head_committed:
            acts.head_committed.remove(self._written)
        speaking = list(self._speakers.values())
        for one in speaking:
            one.stop()
        self._courier.stop()
        self._tender.stop()
        for thread in (*speaking, self._tender, self):
            if thread.is_alive() and threading.current_thread() is not thread:
                thread.join(5)

    def _written(self, alias: str) -> None:
        if alias == "default":
            for one in tuple(self._speakers.values()):
                one.wake.set()

    def run(self) -> None:
        host.give_way()
        try:
            while not self._stopping.is_set():
                try:
                    self._look()
                except Exception:
                    if self._stopping.is_set() or vault.is_sealed():
                        return
                    log.exception("not this time")
                self._stopping.wait(TELL_S)
        finally:
            connections.close_all()

    def _look(self) -> None:
        self._speakers = {pk: one for pk, one in self._speakers.items() if one.is_alive()}
        for row in queries.peers():
            if row.pk not in self._speakers and not self._stopping.is_set():
                speaker = self._speakers[row.pk] = Speaker(row, self._here, self._line, self._every, self._places)
                speaker.start()
        if heard := queries.heard_since(KEEP_HEARD):
            actions.record_heard(heard)
            for replica, held in queries.holdings(heard).items():
                actions.record_held(replica, held)
        self.state = queries.talks()
        if self.state.aside and self._believed != (believed := queries.believed()):
            actions.retry_all()  # somebody agreed elsewhere, or says another thing of a machine
            self._believed = believed
        self._entrusting.once()
