"""What a key does everywhere, it does everywhere: no page gives a combination of « Partout » another meaning."""

import json
from pathlib import Path

import permanence

GROUPS = json.loads((Path(permanence.__file__).parent / "web" / "static" / "raccourcis.json").read_text())["groups"]


def test_no_page_takes_a_combination_that_works_everywhere() -> None:
    everywhere, *others = GROUPS
    assert everywhere["title"] == "Partout"
    taken = {key["combo"] for key in everywhere["keys"] if not key.get("single")}
    assert not taken & {key["combo"] for group in others for key in group["keys"]}


def test_a_combination_stands_once_in_its_group() -> None:
    for group in GROUPS:
        combos = [key["combo"] for key in group["keys"]]
        assert len(set(combos)) == len(combos), group["title"]
