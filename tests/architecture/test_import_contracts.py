"""Each import contract is broken on purpose in a copy of the tree: a contract that cannot fail protects nothing."""
import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "permanence"
ROOMS = ("lib", "journal", "accounts", "capabilities", "patients", "documents", "consultations", "interop", "web",
         "demo", "cli")

VIOLATIONS = {
    # contract id: (file that is added to the tree, what it imports)
    "rooms": ("lib/violation.py", "import permanence.journal\n"),
    "settings": ("patients/violation.py", "import permanence.settings\n"),
    "anatomy": ("patients/queries.py", "import permanence.patients.actions\n"),
    "doors": ("web/violation.py", "import permanence.patients.models\n"),
    "rules": ("patients/rules.py", "import django.utils.timezone\n"),
    "generator": ("demo/people.py", "import django.db\n"),
    "storage": ("patients/violation.py", "import sqlcipher3\n"),
    "relay": ("relay/violation.py", "import permanence.journal.seal\n"),
    "cycles": ("web/violation_a/__init__.py", "import permanence.web.violation_b\n"),
}


def contracts() -> dict[str, str]:
    """Contract id to name, as `.importlinter` declares them."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    prefix = "importlinter:contract:"
    return {section.removeprefix(prefix): config[section]["name"] for section in config.sections()
            if section.startswith(prefix)}


def lint(tree: Path, *only: str) -> subprocess.CompletedProcess[str]:
    arguments = [part for contract in only for part in ("--contract", contract)]
    program = "import sys; from importlinter.cli import lint_imports_command as c; sys.argv[0] = 'lint-imports'; c()"
    return subprocess.run(
        [sys.executable, "-c", program, "--config", str(ROOT / ".importlinter"), "--no-cache", *arguments],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source, without pictures and pages; rooms that have not landed yet stand there empty."""
    unneeded = shutil.ignore_patterns("static", "templates", "__pycache__")
    shutil.copytree(SOURCE, tmp_path / "permanence", ignore=unneeded)
    for room in (*ROOMS, "settings"):
        package = tmp_path / "permanence" / room
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
    return tmp_path


def add(tree: Path, path: str, text: str) -> None:
    """Put a line at the end of a module, made if absent."""
    target = tree / "permanence" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("a", encoding="utf-8") as file:
        file.write("\n" + text)


def test_every_contract_has_its_violation() -> None:
    assert set(VIOLATIONS) == set(contracts())


@pytest.mark.parametrize("contract", sorted(VIOLATIONS))
def test_a_violation_breaks_its_contract(tree: Path, contract: str) -> None:
    path, text = VIOLATIONS[contract]
    (tree / "permanence" / "patients" / "actions.py").touch()
    (tree / "permanence" / "patients" / "models.py").touch()
    add(tree, path, text)
    if contract == "cycles":
        add(tree, "web/violation_b/__init__.py", "import permanence.web.violation_a\n")
    result = lint(tree, contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{contracts()[contract]} BROKEN" in result.stdout
    assert Path(path).stem in result.stdout or "violation" in result.stdout


def test_a_room_nobody_declared_is_refused(tree: Path) -> None:
    add(tree, "newroom/__init__.py", '"""A room outside the order."""\n')
    result = lint(tree, "rooms")
    assert result.returncode == 1
    assert "newroom" in result.stdout


def test_the_tree_keeps_every_contract(tree: Path) -> None:
    result = lint(tree)
    assert result.returncode == 0, result.stdout + result.stderr
