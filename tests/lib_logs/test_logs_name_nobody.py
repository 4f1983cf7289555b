"""Whatever code does with the logger, no name, number or path of a person reaches the file."""
import json
import logging
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from permanence.lib import logs

NAME, NIR, PATH = "DUPONT-MOREL", "258057800608441", "/dossier/8c5f/jean-dupont"


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level, raises = root.handlers[:], root.level, logging.raiseExceptions
    root.handlers = []
    logs.configure(tmp_path / "logs")
    yield tmp_path / "logs" / "permanence.log"
    logging.captureWarnings(False)
    for handler in root.handlers[:]:
        handler.close()
    root.handlers, logging.raiseExceptions = before, raises
    root.setLevel(level)


def test_no_name_reaches_a_log(lines: Path) -> None:
    log = logging.getLogger("permanence.test")
    log.warning("opened %s for %s", NAME, NIR)
    log.warning("a number %s", int(NIR))
    log.warning("by keys %(name)s", {"name": NAME})
    log.warning("with extras", extra={"route": PATH, "patient": NAME, "code": NIR, "anything": NAME, "count": int(NIR)})
    try:
        raise ValueError(f"{NAME} {NIR}")
    except ValueError as error:
        log.exception("failed")
        log.error("failed %s", error)
        try:
            raise RuntimeError(PATH) from error
        except RuntimeError:
            log.exception("failed again")
    logging.getLogger("django.request").error("Internal Server Error: %s", PATH)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(NAME, stacklevel=1)
    text = lines.read_text()
    assert text.count("\n") == 9, text
    for secret in (NAME, NIR, PATH, "dupont"):
        assert secret not in text


def test_ids_and_route_names_stay_readable(lines: Path) -> None:
    patient = UUID(int=7)
    logging.getLogger("permanence.web").info(
        "served", extra={"route": "patient:file", "patient": patient, "ms": 12, "status": 200})
    line = json.loads(lines.read_text())
    assert line["event"] == "served"
    assert (line["route"], line["patient"], line["ms"], line["status"]) == ("patient:file", str(patient), 12, 200)


def test_an_exception_keeps_its_type_and_place(lines: Path) -> None:
    try:
        raise KeyError(NAME)
    except KeyError:
        logging.getLogger("permanence").exception("no such %s", 3)
    error = json.loads(lines.read_text())["error"]["chain"][0]
    assert error["type"] == "KeyError"
    assert error["at"][-1].startswith("test_logs_name_nobody.py:")


def test_logs_are_rotated_and_private(lines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = logging.getLogger().handlers[0]
    monkeypatch.setattr(handler, "maxBytes", 2_000)
    for number in range(200):
        logging.getLogger("permanence").info("a line %s", number)
    files = sorted(lines.parent.iterdir())
    assert len(files) == logs.KEPT + 1
    assert all(file.stat().st_size <= 2_200 for file in files)
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
