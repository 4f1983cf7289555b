"""Each icon named by a template or a view exists under that name: a renamed one would break a page at run time."""

import re
from pathlib import Path

from permanence.web import jinja

WEB = Path(jinja.__file__).parent
IN_TEMPLATES = re.compile(r"icon\('([a-z0-9-]+)'")
IN_CALLS = re.compile(r"(?:button_link|actions|empty)\([^)]*?'([a-z]+(?:-[a-z0-9]+)*)'(?:, '(?:primary|quiet)?'|\))")
IN_VIEWS = re.compile(r'"([a-z]+(?:-[a-z0-9]+)+)"')


def test_each_icon_of_the_templates_is_drawn() -> None:
    names = {name for path in WEB.rglob("*.html") for name in IN_TEMPLATES.findall(path.read_text(encoding="utf-8"))}
    assert len(names) > 20
    for name in names:
        assert str(jinja.icon(name)).startswith("<svg")


def test_each_icon_of_the_views_is_drawn() -> None:
    wanted = {
        name for path in WEB.rglob("*.py") for name in IN_VIEWS.findall(path.read_text(encoding="utf-8")) if _looks_like_an_icon(name)
    }
    assert wanted
    for name in wanted:
        assert str(jinja.icon(name)).startswith("<svg")


def _looks_like_an_icon(name: str) -> bool:
    return name.split("-")[0] in {
        "notebook",
        "file",
        "flask",
        "arrow",
        "pencil",
        "clipboard",
        "triangle",
        "eye",
        "user",
        "users",
        "shield",
        "circle",
        "git",
        "hard",
        "id",
        "building",
        "key",
        "monitor",
        "log",
        "sun",
        "search",
    }
