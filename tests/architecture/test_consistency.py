"""What review would forget: doors without an actor or a reader, fields without a category, unused pages, other clocks."""
import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from permanence.journal.tables import journaled_models

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "permanence"
ROOMS = ("journal", "accounts", "capabilities", "patients", "agenda", "documents", "consultations", "interop", "tasks", "prescriptions",
         "billing", "continuity", "handover")

# Queries without a reader, and why nothing of a patient can leave by them.
WITHOUT_READER = {
    "accounts.member_names": "names of colleagues stand in every signature; no patient",
    "capabilities.waiting": "a count, for a titulaire's screens; no patient",
    "accounts.practice_words": "the practice's own name and flag",
    "billing.sums": "adds up rows that were read",
    "billing.fees": "the table of common fees; no patient",
    "billing.read_cents": "reads what is being typed",
    "consultations.read_measures": "reads what is being typed",
    "consultations.read_partial_date": "reads what is being typed",
    "consultations.is_expired": "looks at a date that was scanned",
    "consultations.calculate": "computes from what is being typed",
    "consultations.choose": "picks among growth references that were read; no patient",
    "consultations.may_load_references": "a right, for buttons",
    "consultations.read_reference": "reads what is being typed",
    "continuity.kit_key": "the key of kits to come, for the evening's task; no patient",
    "continuity.phrase_since": "a date; no patient",
    "continuity.evening_reader": "makes the evening task's own reader",
    "continuity.form_id": "what stands for a form's number in an address",
    "continuity.numbers_of": "the numbers of blank forms",
    "continuity.still_out": "a count of blank forms; no patient",
    "continuity.to_catch_up": "a count of paper forms; no patient",
    "continuity.elsewhere": "a post and machines; no person, no patient",
    "continuity.unfinished": "this machine's own exercises; no patient",
    "continuity.prefix": "the beginning of this replica's numbers",
    "patients.birth_text": "formats a date",
    "handover.can_take_part": "looks at a profession",
    "handover.is_eve": "compares instants",
    "handover.is_first_morning": "compares instants",
    "handover.is_last_day": "compares instants",
    "accounts.signatures": "names of colleagues stand in every signature; no patient",
}
# Other clocks than `lib.clock`, and why.
OTHER_CLOCKS = {
    "cli/serve.py": "measures the disk",
    "cli/demo.py": "says how long the demo took to make",
    "cli/worker.py": "waits for the next nightly tick",
    "journal/writer.py": "measures how long a job held the writer",
    "web/proof/middleware.py": "an epoch of the process, never shown nor stored",
    "web/account/limits.py": "a brake of the process, never stored",
    "web/account/ceremony.py": "an epoch of the process, never stored",
    "web/live.py": "the life of a ticket, in memory",
    "web/photo/pairing.py": "the life of a code, in memory",
    "web/reasons.py": "how long a reason found is remembered, in memory",
    "lib/clock.py": "the clock itself",
}


class Door(NamedTuple):
    """A public function of a room's actions or queries."""

    room: str
    name: str
    node: ast.FunctionDef
    path: Path

    @property
    def keywords(self) -> set[str]:
        return {argument.arg for argument in self.node.args.kwonlyargs}

    def decorated(self, name: str) -> bool:
        return any(isinstance(decorator, ast.Name) and decorator.id == name for decorator in self.node.decorator_list)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def sources() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def doors(kind: str) -> Iterator[Door]:
    """Public top-level functions of `<room>/<kind>.py` or, in a package, those its `__init__` gives."""
    for room in ROOMS:
        file, package = SOURCE / room / f"{kind}.py", SOURCE / room / kind
        paths = [file] if file.exists() else sorted(package.glob("*.py"))
        given = _given(package / "__init__.py") if package.is_dir() else None
        for path in paths:
            for node in parsed(path).body:
                public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
                if isinstance(node, ast.FunctionDef) and public and (given is None or node.name in given):
                    yield Door(room, node.name, node, path)


def _given(path: Path) -> set[str] | None:
    if not path.exists():
        return set()
    imports = [node for node in parsed(path).body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or alias.name for node in imports for alias in node.names}


def test_every_action_says_by_whom() -> None:
    without = [door for door in doors("actions") if door.decorated("action") and "by" not in door.keywords]
    assert [f"{door.room}.{door.name}" for door in without] == []


def test_every_query_has_a_reader() -> None:
    without = {f"{door.room}.{door.name}" for door in doors("queries") if "reader" not in door.keywords}
    assert sorted(without - set(WITHOUT_READER)) == []


@pytest.mark.parametrize("model", journaled_models(), ids=lambda model: model._meta.label)
def test_every_journaled_field_has_one_category(model: type) -> None:
    fields = {field.attname for field in model._meta.concrete_fields} - {"id"}  # type: ignore[attr-defined]
    said = [name for names in model.Journal.categories.values() for name in names]  # type: ignore[attr-defined]
    assert sorted(said) == sorted(fields)


def test_every_template_is_used() -> None:
    folder = SOURCE / "web" / "templates"
    text = "\n".join(path.read_text("utf-8") for path in [*sources(), *folder.rglob("*.*")])
    unused = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.html"))
              if not re.search(rf"[\"']{re.escape(path.relative_to(folder).as_posix())}[\"']", text)]
    assert unused == []


def test_every_module_says_what_lives_in_it() -> None:
    silent = [path.relative_to(SOURCE).as_posix() for path in sources()
              if path.read_text("utf-8").strip() and not ast.get_docstring(parsed(path))]
    assert silent == []


def test_there_is_one_clock() -> None:
    wanted = re.compile(r"\b(datetime\.now|datetime\.utcnow|timezone\.now|date\.today|time\.time|time\.monotonic)\(")
    others = {path.relative_to(SOURCE).as_posix() for path in sources() if wanted.search(path.read_text("utf-8"))}
    assert sorted(others - set(OTHER_CLOCKS)) == []


def test_nothing_of_another_layer_signs_anybody_in() -> None:
    found = [path.relative_to(SOURCE).as_posix() for path in sources()
             if re.search(r"django\.contrib\.(auth|admin|sessions)", path.read_text("utf-8"))]
    assert found == []


def test_locked_requirements_have_hashes_and_no_address() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "://" not in text
        assert "index-url" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "==" in block.splitlines()[0]
            assert "--hash=sha256:" in block


def test_each_dependency_has_its_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text().splitlines()
    pinned = [line for line in lines if re.match(r'\s+"[a-z0-9-]+==', line)]
    assert len(pinned) > 20
    assert [line for line in pinned if "#" not in line] == []
