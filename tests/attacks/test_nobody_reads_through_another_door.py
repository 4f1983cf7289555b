"""A member with few rights drives every address with every id they could have picked up: nothing closed to them is served."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.urls import URLPattern

from permanence.web.routes import Tag, rule_of, walk
from tests.attacks.conftest import Browser

# Which kinds of an open file each may see when they did not write them; what is reserved is for none of them.
CLINIC = {"history", "note", "document", "content", "result", "treatment", "allergy", "vaccination", "amendment",
          "paper", "paperpdf", "letter", "letterpdf"}
OPEN_TO = {
    "benali": CLINIC | {"contact", "administrative", "paid"},  # a titulaire answers for the practice's billing
    "petit": CLINIC | {"contact", "administrative"},
    "hugo": CLINIC | {"contact", "administrative"},
    "lucie": CLINIC | {"contact", "administrative"},
    "amel": CLINIC | {"contact", "administrative"},
    "nadia": {"history", "treatment", "allergy", "vaccination", "contact", "administrative"},
    "theo": {"allergy", "contact"},
    "sophie": {"contact", "administrative", "paperpdf", "letterpdf", "paid"},  # she prints what is signed, and reads nothing of it
    "ines": {"contact", "administrative"},
    "bruno": set(),
    "yann": set(),
}
ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = UUID("00000000-0000-4000-8000-00000000dead")  # the same each time: one address is tried once
DESK = {"contact", "paid"}
CARE_AT_THE_DESK = {"administrative"}


def addresses(marked: SimpleNamespace, own: UUID) -> Iterator[tuple[str, str]]:
    """Every route with every id, also under a patient that is not the object's: the address and its route."""
    objects = {kind: [ids[kind] for ids in marked.objects.values()] for kind in next(iter(marked.objects.values()))}
    of = {
        "note": ("note", "note-sensitive", "note-minor_secret"),
        "draft": ("draft",),
        "contact": (),
        "report": (),
        "paid": ("paid",),
        "paper": ("paper", "paper-sensitive", "paper-minor_secret", "letter", "letter-sensitive", "letter-minor_secret"),
        "document": ("document", "document-sensitive", "document-minor_secret"),
        "line": ("history", "history-sensitive", "history-minor_secret", "treatment", "allergy", "vaccination", "private_note"),
    }
    for pattern, item in walk():
        if rule_of(item.callback).tag is Tag.PUBLIC or pattern.startswith(("session", "billet", "cles")):
            continue
        for patient in (marked.files["ouvert"], marked.files["protege"], own):
            ids = {name: [id for kind in kinds for id in objects[kind]] for name, kinds in of.items()}
            yield from ((path, pattern) for path in filled(pattern, item, patient, ids))


def in_order(paths: Iterable[str]) -> list[str]:
    """Each once, sorted as if the ids in them had been drawn one after the other: the same walk each time."""
    places: dict[str, str] = {}
    named = {path: ID.sub(lambda found: places.setdefault(found[0], f"{len(places):06}"), path) for path in paths}
    return sorted(named, key=named.__getitem__)


def filled(pattern: str, item: URLPattern, patient: UUID, ids: dict[str, list[UUID]]) -> list[str]:
    found = ["/" + pattern.replace("<uuid:patient>", str(patient))]
    for name in re.findall(r"<uuid:(\w+)>", found[0]):
        mark = f"<uuid:{name}>"
        if mark in found[0]:
            found = [one.replace(mark, str(id)) for one in found for id in (ids.get(name) or [NOBODY])]
    if "<slug:rule>" in found[0]:
        found = [one.replace("<slug:rule>", rule) for one in found for rule in ("imc", "dfg", "zzz")]
    if "<slug:kind>" in found[0]:
        found = [one.replace("<slug:kind>", kind) for one in found for kind in ("history", "private_note", "measure", "zzz")]
    return found


def closed_words(marked: SimpleNamespace, name: str) -> set[str]:
    """The marks that this person must never be served."""
    may = OPEN_TO[name]
    open_file, refused = marked.files["ouvert"], {*marked.files.values()} - {marked.files["ouvert"]}
    return {
        word
        for word, (patient, kind, reserved) in marked.words.items()
        if reserved or kind not in may or (patient in refused and kind not in DESK) or (patient == open_file and kind not in may)
    }


def leaks(text: str, closed: set[str], marked: SimpleNamespace) -> set[str]:
    """The closed marks in an answer; a mark inside a longer one that may be read is none."""
    for word in sorted(marked.words, key=len, reverse=True):
        if word not in closed:
            text = text.replace(word, "")
    return {word for word in closed if word in text}


@pytest.mark.parametrize("name", sorted(OPEN_TO))
def test_no_address_serves_what_is_closed_nor_anything_unseen(name: str, browse: Callable[[str], Browser], marked: SimpleNamespace) -> None:
    browser, closed, broken, seen = browse(name), closed_words(marked, name), [], set[str]()
    forms_only: Counter[str] = Counter()
    routes = dict(addresses(marked, uuid4()))
    for i, path in enumerate(in_order(routes)):
        route = routes[path]
        if forms_only[route] > 1:
            continue  # it takes forms only, which is told before any id is looked at: one page and one fragment told as much
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if i % 2 else {"Accept": "text/html"}
        answer = browser.send(path, headers=headers)
        text = answer.content.decode("utf-8", "replace")
        assert not leaks(text, closed, marked), path
        seen |= {word for word in marked.words if word in text}
        broken += [path] if answer.status_code >= 500 else []
        forms_only[route] += answer.status_code == 405
    assert not broken
    assert {marked.words[word][0] for word in seen} <= browser.served(), "served and not journalled"


@pytest.mark.parametrize("name", sorted(OPEN_TO))
def test_no_error_page_names_a_patient(name: str, browse: Callable[[str], Browser], marked: SimpleNamespace) -> None:
    browser, patient = browse(name), marked.files["protege"]
    for path in (
        f"/patients/{patient}/note/{uuid4()}/",
        f"/patients/{patient}/document/{uuid4()}/contenu",
        "/patients/zzz/",
        f"/patients/{uuid4()}/",
        f"/patients/{patient}/note/{marked.objects['protege']['private_note']}/",
    ):
        answer = browser.send(path, headers={"Accept": "text/html"})
        assert answer.status_code in (303, 403, 404), path
        assert "MARQUEPROTEGE" not in answer.content.decode().upper()
