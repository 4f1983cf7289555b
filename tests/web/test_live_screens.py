"""Live screens: ids only, after COMMIT only, for the session that asked only; and what a stranger gets."""

import asyncio
import os
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from permanence.journal import live, registry
from permanence.journal.doors import Actor
from permanence.patients import actions as patients
from permanence.web import live as screens
from permanence.web.proof.keys import token_hash
from tests.cast import open_session

ORIGIN = "https://bureau.tilleuls.example"


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PERMANENCE_ORIGIN", ORIGIN)
    monkeypatch.setattr(settings, "PERMANENCE_RP_ID", "tilleuls.example")


class Listening:
    """One browser's stream, without a network: what it would receive."""

    def __init__(self) -> None:
        self.status, self.text = 0, ""

    async def send(self, message: Mapping[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()


def scope(query: str, *, token: str = "", origin: str = ORIGIN, method: str = "GET", path: str = screens.PATH) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "query_string": query.encode(),
            "headers": [(b"cookie", b"theme=dark"), (b"cookie", f"__Host-session={token}".encode()), (b"origin", origin.encode())]}


async def receive() -> None:
    await asyncio.sleep(60)


def asked(session: UUID, path: str = screens.PATH) -> str:
    return screens._tickets.issue(session, path, time.monotonic()).partition("?")[2]


def heard(streams: screens.Streams, asking: dict[str, Any], *, meanwhile: Any) -> Listening:
    """Open a stream, do something, end all streams; whatever happens within two minutes."""
    browser = Listening()

    async def main() -> None:
        streams.start(asyncio.get_running_loop())
        stream = asyncio.create_task(streams(asking, receive, browser.send))
        while not (stream.done() or streams._open):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(meanwhile)
        streams.end_all()
        await asyncio.wait_for(stream, 60)

    asyncio.run(asyncio.wait_for(main(), 120))
    return browser


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> screens.Streams:
    monkeypatch.setattr(live, "_listeners", [])
    return screens.Streams()


@pytest.fixture
def signed_in(live_cast: Mapping[str, Actor]) -> tuple[UUID, str]:
    token = os.urandom(24).hex()
    return open_session(live_cast["moreau"], token_hash=token_hash(token)).id, token


def test_a_write_is_told_after_its_commit_by_id_only(
    live_cast: Mapping[str, Actor], signed_in: tuple[UUID, str], streams: screens.Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._live, "patients.patient", "trial")
    session, token = signed_in
    made: list[UUID] = []
    found = heard(streams, scope(asked(session), token=token), meanwhile=lambda: made.append(
        patients.register(birth_name="DUVALTEST", first_given_name="Odette", birth_sex="F", by=live_cast["moreau"])))
    assert found.status == 200
    assert f'"ids": ["{made[0]}"]' in found.text
    assert '"topic": "trial"' in found.text
    assert "DUVAL" not in found.text.upper()


def test_what_is_refused_or_rolled_back_is_not_told(
    live_cast: Mapping[str, Actor], signed_in: tuple[UUID, str], streams: screens.Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._live, "patients.patient", "trial")
    session, token = signed_in

    def refused() -> None:
        from permanence.journal.doors import Refused

        with pytest.raises(Refused):
            patients.register(birth_name="DUVAL", first_given_name="Odette", birth_sex="F", by=live_cast["bruno"])

    assert "trial" not in heard(streams, scope(asked(session), token=token), meanwhile=refused).text


def test_a_stream_opens_once_for_the_session_that_asked(
    live_cast: Mapping[str, Actor], signed_in: tuple[UUID, str], streams: screens.Streams
) -> None:
    session, token = signed_in
    other = os.urandom(24).hex()
    open_session(live_cast["benali"], token_hash=token_hash(other))
    used = asked(session)
    assert heard(streams, scope(used, token=token), meanwhile=lambda: None).status == 200
    for attack in (scope(used, token=token), scope(asked(session), token=other), scope(asked(session)), scope("", token=token),
                   scope(asked(session), token=token, origin="https://ailleurs.example"), scope(asked(uuid4()), token=token),
                   scope(asked(session), token=token, method="POST"), scope(asked(session, "/autre"), token=token)):
        assert heard(streams, attack, meanwhile=lambda: None).status == 403


def test_a_browser_that_does_not_follow_is_sent_away_and_holds_no_memory(streams: screens.Streams) -> None:
    async def main() -> tuple[int, bool]:
        streams.start(asyncio.get_running_loop())
        queue: asyncio.Queue[screens.Event | None] = asyncio.Queue(screens.WAITING)
        streams._open.add(queue)
        for _ in range(10 * screens.WAITING):
            streams._spread(("trial", (uuid4(),)))
        kept = queue.qsize()
        return kept, None in [queue.get_nowait() for _ in range(kept)]

    size, ended = asyncio.run(main())
    assert size <= screens.WAITING
    assert ended
