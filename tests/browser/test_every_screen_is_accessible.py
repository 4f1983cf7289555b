"""axe on every screen, desktop and 320 px, light and dark: 0 violations; nothing scrolls sideways; the console stays silent."""

import pytest

from tests.browser import gestures, looking, screens
from tests.browser.chromium import Visitor
from tests.browser.screens import Screens


@pytest.mark.parametrize(
    "room", ["account", "agenda", "billing", "catchup", "crisis", "dossier", "growth", "handover", "home", "moving", "panel", "papers",
             "patients", "photo", "practice", "ready", "snippets", "sync", "tasks"])
def test_every_screen(room: str, moreau: Visitor, whole: Screens) -> None:
    found, names = [], [name for name in sorted(set(screens.names())) if name.startswith(room + ":")]
    assert names
    gestures.enter(moreau)  # a new session: what it has seen is a short list
    for name in names:
        page = moreau.goto(whole.where[name])
        found += [f"{name} {fault}" for fault in looking.faults(page)]
    assert not found, "\n".join(found)
