"""What review would forget: French spacing, no inline style or script, a budget for each file, one list of shortcuts."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import django_htmx
import pytest

from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor
from permanence.web import jinja, presenters
from tests.web.conftest import Visit

WEB = Path(jinja.__file__).parent
TEMPLATES = sorted(WEB.joinpath("templates").rglob("*.html"))
STATIC = WEB / "static"
WRONG_SPACE = re.compile(r"[\wéèàç)»}>] (?:[;?!»](?=[\s<\"']|$)|:(?=[\s<]|$))|« ")
JINJA = re.compile(r"\{#.*?#\}", re.DOTALL)


def weight(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize("path", [p for p in TEMPLATES if "account" not in p.parts], ids=lambda p: p.relative_to(WEB).as_posix())
def test_french_signs_have_their_no_break_space(path: Path) -> None:
    text = JINJA.sub("", path.read_text(encoding="utf-8"))
    assert not WRONG_SPACE.findall(text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.relative_to(WEB).as_posix())
def test_no_template_carries_style_or_script(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"\son(?:click|load|error|submit|input|change|focus|blur|key[a-z]+|mouse[a-z]+)=|hx-on|javascript:", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script
        assert "nonce=" in script


def test_no_exclamation_mark_speaks_to_a_doctor() -> None:
    for path in TEMPLATES:
        text = re.sub(r"<!doctype|<!--", "", JINJA.sub("", path.read_text(encoding="utf-8")))
        assert "!" not in text.replace("!=", ""), path


def test_core_scripts_and_sheet_keep_to_their_budget() -> None:
    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-4.min.js"
    assert weight(htmx, *(STATIC / "js" / f"{name}.js" for name in ("app", "bar", "palette", "keys"))) <= 25_000
    assert weight(STATIC / "css" / "permanence.css") <= 18_000


def test_the_patient_file_keeps_to_its_budget(visit: Visit, moreau: Actor, jeanne: UUID, url: Callable[..., str]) -> None:
    assert len(gzip.compress(visit(moreau, url("dossier:file", jeanne)).content)) <= 12_000


def test_each_shortcut_has_one_meaning() -> None:
    groups = json.loads(STATIC.joinpath("raccourcis.json").read_text(encoding="utf-8"))["groups"]
    # Two pages may give one key two meanings only when each finds its own button there, and nothing else.
    everywhere = [key["combo"] for group in groups for key in group["keys"] if set(key) & {"go", "do", "ask", "focus"}]
    buttons = {key["combo"] for group in groups for key in group["keys"]} - set(everywhere)
    assert len(everywhere) == len(set(everywhere))
    targets = [(key["combo"], str(key["click"])) for group in groups for key in group["keys"] if key["combo"] in buttons]
    assert len(targets) == len(set(targets))
    assert not {combo for combo, _ in targets if "Alt" in combo and sum(one == combo for one, _ in targets) > 1}
    for group in groups:
        for key in group["keys"]:
            assert key["text"]
            assert {"do", "go", "click", "focus", "ask"} & set(key)


def test_every_category_and_level_has_a_french_name() -> None:
    assert set(presenters.CATEGORIES) == set(Category)
    assert set(presenters.LEVELS) == set(Level)
