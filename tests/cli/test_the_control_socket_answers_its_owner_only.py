"""The control socket: private file, same user, refusals that keep their sentence, answers that arrive one by one."""
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from permanence.cli import socket as control
from permanence.journal.doors import Refused
from permanence.lib import host


def handle(command: str, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if command == "count":
        for number in range(asked["to"]):
            yield {"step": number}
        yield {"done": True, "counted": asked["to"]}
    if command == "refuse":
        raise Refused("Non\u00a0: faites autrement.", code="no")
    if command == "fail":
        raise RuntimeError("a secret stays here")


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    server = control.Server(tmp_path / "socket", handle)
    yield tmp_path / "socket"
    server.stop()


def test_answers_arrive_in_order(path: Path) -> None:
    assert [a.get("step", a.get("counted")) for a in control.call(path, "count", to=3)] == [0, 1, 2, 3]


def test_a_refusal_keeps_its_sentence(path: Path) -> None:
    with pytest.raises(Refused) as refused:
        list(control.call(path, "refuse"))
    assert (refused.value.sentence, refused.value.code) == ("Non\u00a0: faites autrement.", "no")


def test_a_failure_says_nothing_of_its_cause(path: Path) -> None:
    with pytest.raises(Refused) as refused:
        list(control.call(path, "fail"))
    assert "secret" not in refused.value.sentence


def test_the_socket_is_its_owners(path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_another_user_gets_no_answer(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "peer_uid", lambda connection: 12345)
    with pytest.raises((Refused, ConnectionError)):
        list(control.call(path, "count", to=1))


def test_without_a_server_the_caller_is_told(tmp_path: Path) -> None:
    with pytest.raises(control.NoServer):
        list(control.call(tmp_path / "socket", "count", to=1))


def test_a_long_path_is_reached_too(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    folder.mkdir(parents=True)
    server = control.Server(folder / "socket", handle)
    try:
        assert [a["counted"] for a in control.call(folder / "socket", "count", to=0)] == [0]
    finally:
        server.stop()
