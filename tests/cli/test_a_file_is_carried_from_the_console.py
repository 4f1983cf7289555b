"""`permanence carry-out` and `carry-in`: the file is whole or not there, and what was wrong with it is said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from permanence.cli import config, operations, parser, worker
from permanence.journal import parcel, vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.seal import Transport
from permanence.lib import suite
from permanence.sync import actions, carrying
from tests import folders


@pytest.fixture
def here(own_files: None, tmp_path: Path) -> Iterator[Any]:
    found = folders.fresh(tmp_path / "cabinet")
    yield found
    found.close()


@pytest.fixture
def laptop(here: Any) -> Transport:
    key, _ = suite.signing_pair()
    transport = Transport.new()
    keys = {"verify": key, "transport": transport.verify_key, "box": transport.public}
    actions.add_replica(UUID(bytes=suite.replica_id(key)), keys, name="Portable", kind="laptop", hosts=["portable"],
                        by=Actor.machine("console"))  # fmt: skip
    return transport


def asked(here: Any, command: str, **values: Any) -> dict[str, Any]:
    return dict(list(operations.handle(here, command, values))[-1])


def test_it_is_written_for_a_machine_named_as_people_do(here: Any, laptop: Transport, tmp_path: Path) -> None:
    said = asked(here, "carry-out", file=str(tmp_path), to="portable")
    made = Path(said["file"])
    assert made.suffix == ".permanence"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == [made.name]
    v = vault.current()
    reader = parcel.Reader(v.practice, v.control, laptop.private)
    assert list(reader.feed(made.read_bytes()))
    assert (reader.whole, said["entries"] > 0) == (True, True)


def test_what_cannot_be_written_leaves_nothing(here: Any, laptop: Transport, tmp_path: Path) -> None:
    for values in ({"file": str(tmp_path / "x"), "to": "Inconnue"}, {"file": str(tmp_path / "none" / "x"), "to": ""}):
        with pytest.raises(Refused):
            asked(here, "carry-out", **values)
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == []


def test_what_is_wrong_with_a_file_is_said(here: Any, laptop: Transport, tmp_path: Path) -> None:
    own, junk = tmp_path / "own.permanence", tmp_path / "junk"
    asked(here, "carry-out", file=str(own), to="")
    junk.write_bytes(b"PK" * 999)
    assert asked(here, "carry-in", file=str(own))["problem"] == carrying.WHY["not_for_us"][1]
    assert asked(here, "carry-in", file=str(junk))["problem"] == carrying.WHY["damaged"][1]
    with pytest.raises(Refused):
        asked(here, "carry-in", file=str(tmp_path / "absent"))
    v = vault.current()
    made = parcel.Writer(v.practice, v.control, [Transport.load(here.seal_path).public])
    junk.write_bytes(made.head + made.piece(parcel.Kind.END, b"\xa0"))
    assert asked(here, "carry-in", file=str(junk)) == {"done": True, "entries": 0, "known": 0, "aside": 0, "stuck": 0, "files": 0,
                                                       "to_settle": 0, "problem": ""}  # fmt: skip


def test_the_network_is_searched_unless_told_otherwise() -> None:
    assert config.Config().nearby
    told = {"nearby": True, "listen": {"address": "0.0.0.0"}}  # noqa: S104 -- compared, not listened on
    assert worker._nearby("https://bureau.x.example:8443", told) == (8443, "0.0.0.0")  # noqa: S104
    assert worker._nearby("http://localhost:8000", told) is None
    for alone in ("127.0.0.1", "::1", "localhost"):
        assert worker._nearby("https://bureau.x.example", {**told, "listen": {"address": alone}}) is None
    for words, expected in (((), None), (("--no-nearby",), False), (("--nearby",), True)):
        chosen = parser().parse_args(["serve", *words])
        assert chosen.nearby is expected
    assert not config.Config().with_given(nearby=False).nearby
    assert config.Config(nearby=False).with_given(nearby=None).nearby is False
