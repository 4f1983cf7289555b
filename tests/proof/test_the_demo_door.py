"""« Entrer comme… » exists in the demo only: a flag of the process, a localhost name, and a fictional practice."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from permanence.accounts import sessions
from permanence.journal.doors import Actor
from permanence.web.proof.keys import token_hash
from tests.cast import recruit
from tests.proof.test_signing_in import Person

HERE = "bureau.tilleuls.localhost:8000"


class Visitor(Person):
    """At the demo's plain address."""

    def plain(self, path: str, **more: Any) -> Any:
        more.setdefault("HTTP_HOST", HERE)
        return super().plain(path, **more)

    def enter(self, actor: Actor) -> Any:
        token = self.client.cookies.get("permanence-csrf") or self.client.cookies.get("__Host-csrf")
        assert token is not None
        sent = {"member": str(actor.member), "jwk": self.key.jwk, "tier": "page"}
        return self.plain("/demo/entrer", method="POST", data=json.dumps(sent).encode(),
                          headers={"X-CSRFToken": token.value, "Referer": f"https://{HERE}/"})


@pytest.fixture
def demo(site: None, settings: Any) -> Mapping[str, Actor]:
    settings.PERMANENCE_DEMO, settings.PERMANENCE_ORIGIN = True, f"http://{HERE}"
    return recruit(fictional=True)


def test_the_demo_offers_its_people_and_opens_a_demo_session(demo: Mapping[str, Actor]) -> None:
    visitor = Visitor()
    assert "Claire MOREAU" in visitor.plain("/entrer", headers={"Accept": "text/html"}).content.decode()
    assert visitor.enter(demo["moreau"]).json() == {"next": "/", "fresh": True, "changed": False}
    found = sessions.get(token_hash(visitor.client.cookies["permanence-session"].value))
    assert found is not None
    assert (found.assurance, found.member) == ("demo", demo["moreau"].member)


@pytest.mark.parametrize("missing", ["flag", "fictional", "localhost"])
def test_without_one_of_the_three_there_is_no_such_door(site: None, settings: Any, missing: str) -> None:
    cast = recruit(fictional=missing != "fictional")
    settings.PERMANENCE_DEMO = missing != "flag"
    settings.PERMANENCE_ORIGIN = f"https://{HERE}" if missing == "localhost" else f"http://{HERE}"
    visitor = Visitor()
    assert "MOREAU" not in visitor.plain("/entrer", headers={"Accept": "text/html"}).content.decode()
    assert visitor.enter(cast["moreau"]).status_code == 404
