"""The command as a person uses it: init with a sheet, serve over our own TLS, unlock, verify, seal, and what is refused."""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from permanence.cli import commands, sheet
from permanence.journal import keyring
from permanence.lib import clock
from tests.ports import free_port

pytestmark = pytest.mark.slow
SOURCE = Path(__file__).resolve().parents[2] / "src"
NAME = "bureau.cabinet.example"
COMMAND = [sys.executable, "-m", "permanence.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONWARNINGS": "ignore"}
ENVIRONMENT.pop("DJANGO_SETTINGS_MODULE", None)


def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *words], input=said, env=ENVIRONMENT, capture_output=True, text=True, timeout=90,
                          check=False)


def until(what: Any, seconds: float = 90) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except (OSError, ssl.SSLError):
            pass
        time.sleep(0.1)
    raise AssertionError("it never came")


def typed_from(page: Path) -> str:
    return " ".join(re.findall(r"<span>(\w{5})</span>", page.read_text()))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A practice made by the command, its sheet typed from the printed page: (folder, the sheet's groups)."""
    folder, page = tmp_path_factory.mktemp("cli") / "cabinet", tmp_path_factory.mktemp("paper") / "sheet.html"
    words = [*COMMAND, "init", "--folder", str(folder), "--name", NAME, "--practice", "Cabinet des Essais", "--titulaire",
             "Claire Moreau", "--rpps", "10003456786", "--page", str(page)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=ENVIRONMENT) as process:
        until(lambda: page.exists() and "</html>" in page.read_text())
        groups = typed_from(page)
        out, error = process.communicate(groups.lower() + "\n", timeout=60)
    assert process.returncode == 0, error
    assert "Code de la première clé" in out
    assert groups not in out
    assert not page.exists()
    return folder, groups


class Served:
    """A running server and what a post on the network sees of it."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder, self.port = folder, free_port()
        self.process = subprocess.Popen([*COMMAND, "serve", "--folder", str(folder), "--port", str(self.port), "--address",
                                         "127.0.0.1", "--console-port", "0", *more], env=ENVIRONMENT,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def get(self, path: str) -> tuple[int, bytes]:
        """A request under the practice's own name, trusting its own authority only."""
        trust = ssl.create_default_context(cadata=self.authority())
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain, \
                trust.wrap_socket(plain, server_hostname=NAME) as wrapped:
            connection = HTTPSConnection(f"{NAME}:{self.port}")
            connection.sock = wrapped
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def authority(self) -> str:
        """The second certificate of the chain."""
        chain = (self.folder / "seal" / "tls" / "cert.pem").read_text()
        return "-----BEGIN" + chain.split("-----BEGIN")[2]

    def health(self) -> str:
        return str(json.loads(self.get("/sante")[1])["status"])

    def worker(self) -> int:
        """The pid of the one worker; 0 between one that died and the next."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else 0

    def stop(self) -> bytes:
        self.process.send_signal(signal.SIGTERM)
        out, _ = self.process.communicate(timeout=90)
        return out


@pytest.fixture(scope="module")
def served(practice: tuple[Path, str]) -> Iterator[Served]:
    server = Served(practice[0])
    try:
        until(lambda: server.health() == "sealed")
        yield server
    finally:
        server.stop()


def test_it_starts_sealed_and_names_nobody(served: Served) -> None:
    status, page = served.get("/deverrouiller")
    assert status == 200
    for word in (b"Essais", b"Moreau", b"MOREAU"):
        assert word not in page


def test_a_wrong_sheet_opens_nothing(practice: tuple[Path, str], served: Served) -> None:
    other = keyring.show_sheet(bytes(20))
    result = run("unlock", "--folder", str(practice[0]), said=other + "\n")
    assert result.returncode == 1
    assert "n’ouvre pas ce cabinet" in result.stderr
    assert "Traceback" not in result.stderr
    assert served.health() == "sealed"


def test_the_sheet_opens_and_seal_closes(practice: tuple[Path, str], served: Served) -> None:
    folder, groups = practice
    mistyped = groups[:7] + ("0" if groups[7] != "0" else "1") + groups[8:]
    result = run("unlock", "--folder", str(folder), said=f"{mistyped}\n{groups}\n")
    assert result.returncode == 0, result.stderr
    assert "groupe 2" in result.stderr
    assert served.health() == "ready"
    checked = run("verify", "--folder", str(folder), "--full")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "Tout est conforme" in checked.stdout
    assert run("status", "--folder", str(folder)).stdout.startswith("Cabinet ouvert.")
    assert run("seal", "--folder", str(folder)).returncode == 0
    assert served.health() == "sealed"


def test_a_second_process_is_refused(practice: tuple[Path, str], served: Served) -> None:
    result = run("serve", "--folder", str(practice[0]), "--port", str(free_port()))
    assert result.returncode == 1
    assert "déjà ouvert" in result.stderr


def test_a_worker_that_dies_comes_back_sealed(practice: tuple[Path, str], served: Served) -> None:
    folder, groups = practice
    assert run("unlock", "--folder", str(folder), said=groups + "\n").returncode == 0
    before = served.worker()
    os.kill(before, signal.SIGKILL)
    until(lambda: served.worker() not in (0, before) and served.health() == "sealed")


def test_a_copy_is_made_restored_and_verified(practice: tuple[Path, str], served: Served, tmp_path: Path) -> None:
    folder, groups = practice
    assert run("unlock", "--folder", str(folder), said=groups + "\n").returncode == 0
    (tmp_path / "copies").mkdir()
    result = run("backup", "--folder", str(folder), "--to", str(tmp_path / "copies"))
    assert result.returncode == 0, result.stderr
    assert "vérifiée" in result.stdout


def test_no_name_is_in_the_logs(practice: tuple[Path, str], served: Served) -> None:
    served.get("/patients/?q=zzcanary")
    text = "".join(path.read_text() for path in (practice[0] / "logs").iterdir())
    assert text
    groups = practice[1].split()  # one alone has five characters: some of the identifiers in a log hold as many by chance
    for word in ("Essais", "Moreau", "zzcanary", " ".join(groups[:2]), "".join(groups[:2])):
        assert word.lower() not in text.lower()


def test_a_worker_that_does_not_hear_the_end_is_ended_and_leaves_the_folder_free(practice: tuple[Path, str], served: Served) -> None:
    worker = served.worker()
    os.kill(worker, signal.SIGSTOP)  # as one that two signals at once have locked
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(timeout=60)
    assert not Path(f"/proc/{worker}").exists()
    assert run("verify", "--folder", str(practice[0]), said=practice[1] + "\n").returncode == 0


def test_an_init_without_its_sheet_leaves_nothing(tmp_path: Path) -> None:
    result = run("init", "--folder", str(tmp_path / "cabinet"), "--name", NAME, "--practice", "X", "--titulaire",
                 "Léa Petit", "--page", str(tmp_path / "sheet.html"), said="12345\n")
    assert result.returncode == 1
    assert "rien n’a été créé" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_short_name_is_refused(tmp_path: Path) -> None:
    result = run("init", "--folder", str(tmp_path / "cabinet"), "--name", "bureau.local", "--practice", "X", "--titulaire",
                 "Léa Petit")
    assert result.returncode == 1
    assert "bureau.cabinet.example" in result.stderr


def test_the_sheet_is_a_page_with_its_groups_and_its_code() -> None:
    secret = bytes(range(20))
    page = sheet.page(secret, host=NAME, made_on="22/11/2026")
    assert " ".join(re.findall(r"<span>(\w{5})</span>", page)) == keyring.show_sheet(secret)
    assert "<svg" in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_sheet_bears_the_day_at_the_practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter past midnight in Paris is still yesterday in UTC."""
    seen: list[str] = []
    monkeypatch.setattr(sheet, "typed_again", lambda *_: not seen.append((tmp_path / "feuille.html").read_text()))  # type: ignore[func-returns-value]
    with clock.override(datetime(2026, 11, 22, 23, 15, tzinfo=UTC)):
        assert commands._printed(bytes(range(20)), NAME, tmp_path / "feuille.html")
    assert "23/11/2026" in seen[0]


def test_mistyped_groups_are_named() -> None:
    said: list[str] = []
    answers: Mapping[int, str] = {0: "abc", 1: keyring.show_sheet(bytes(20)), 2: keyring.show_sheet(bytes(range(20)))}
    asked = iter(answers.values())
    assert sheet.typed_again(bytes(range(20)), lambda question: next(asked), said.append)
    assert "3 caractères au lieu de 40" in said[0]
    assert "autre feuille" in said[1]
