"""No password signs anyone in: no field, no endpoint, no column, no application for it."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from permanence.web.routes import walk

ROOT = Path(__file__).resolve().parents[2] / "src" / "permanence"
WORDS = re.compile(r"passwd|password|mot[ _-]?de[ _-]?passe|motdepasse", re.IGNORECASE)


def test_no_password_anywhere(site: None) -> None:
    installed = {app.name for app in apps.get_app_configs()}
    assert not installed & {"django.contrib.auth", "django.contrib.admin", "django.contrib.sessions"}
    assert not hasattr(settings, "AUTH_PASSWORD_VALIDATORS") or not settings.AUTH_PASSWORD_VALIDATORS
    for model in apps.get_models():
        assert not [field.name for field in model._meta.get_fields() if WORDS.search(field.name)], model
    assert not [where for where, _ in walk() if WORDS.search(where)]


def test_no_page_asks_for_one() -> None:
    for path in sorted(ROOT.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        assert not re.search(r"""type\s*=\s*["']?password|autocomplete\s*=\s*["']?(current|new)-password""", page), path
        assert not re.search(r"""name\s*=\s*["']?[^"'>]*(password|passe)\b""", page), path


def test_no_script_and_no_form_class_makes_one() -> None:
    for path in sorted((ROOT / "web" / "static" / "js").rglob("*.js")):
        assert not re.search(r"type\s*[=:]\s*['\"]password", path.read_text(encoding="utf-8")), path
    for path in sorted(ROOT.rglob("*.py")):
        assert "PasswordInput" not in path.read_text(encoding="utf-8"), path
