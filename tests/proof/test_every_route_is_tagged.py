"""Every route of the application says who may reach it; what is public is a list that a reviewer reads."""

import importlib.util

import pytest

from permanence.web.account import urls
from permanence.web.routes import Tag, check_tags, route, rule_of, untagged, walk

PUBLIC = {
    "sante", "sw.js", "deverrouiller", "deverrouiller/sceau", "deverrouiller/ouvrir", "entrer", "session/defi", "session",
    "session/lever", "poste", "poste/enregistrer", "invitation", "invitation/preparer", "invitation/accepter", "demo/entrer",
    "poste/rattacher", "poste/rattacher/ici", "poste/rattacher/retour",  # nobody's data; another machine's signed word is what counts
}
PHONE = {"photo", "photo/ouvrir", "photo/image", "photo/terminer"}  # a phone without a session: see ADR 27

# Between machines: signed by a machine's own key (tests/web/test_machines_ask.py); pairing alone is anybody's, and a code's.
BODIES = {f"entre-machines/{one}" for one in ("entries", "entries/wanted", "heads", "blobs/missing", "blobs/<slug:hash>", "access/wanted",
                                            "access/<slug:replica>/<slug:span>")}  # fmt: skip
MACHINES = BODIES | {f"entre-machines/{one}" for one in ("status", "revocation", "roots", "pair/<slug:step>")}


def test_every_route_is_tagged(settings: object) -> None:
    if importlib.util.find_spec("permanence.web.urls") is None:
        pytest.skip("the application's URLconf has not landed")
    assert untagged() == []
    assert check_tags() == []
    assert len(list(walk())) > 5


def test_the_public_routes_are_these() -> None:
    public = {str(item.pattern) for item in urls.urlpatterns if rule_of(item.callback).tag is Tag.PUBLIC}  # type: ignore[union-attr]
    assert public == PUBLIC
    assert {where for where, item in walk() if rule_of(item.callback).tag is Tag.PUBLIC} == PUBLIC | PHONE | MACHINES  # type: ignore[union-attr]


def test_one_route_takes_more_than_a_ceremonys_body_and_says_from_whom() -> None:
    assert {where for where, item in walk() if rule_of(item.callback).large} == {"photo/image"} | BODIES  # type: ignore[union-attr]


def test_only_unlocking_is_served_while_sealed() -> None:
    sealed = {str(item.pattern) for item in urls.urlpatterns if rule_of(item.callback).sealed}  # type: ignore[union-attr]
    assert sealed == {"sante", "sw.js", "deverrouiller", "deverrouiller/sceau", "deverrouiller/ouvrir"}


def test_a_route_needs_a_tag_to_exist() -> None:
    with pytest.raises(TypeError):
        route("x", lambda request: None, name="x")  # type: ignore[call-arg, arg-type, return-value]
    with pytest.raises(ValueError, match="secret"):
        route("x", lambda request: None, tag="secret", name="x")  # type: ignore[arg-type, return-value]
