"""Every address of the site for a planted practice: each route with the ids of its files, of another's, of nobody."""

import uuid
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any
from uuid import UUID

from django.urls import URLPattern, get_resolver, reverse

from permanence.web.routes import walk
from tests.web.planted import Practice

KINDS = ("history", "allergy", "treatment", "vaccination", "private_note", "measure", "draft")


def addresses(planted: Practice) -> list[tuple[str, str, URLPattern]]:
    """(name, path, route): every route of the URLconf, with the ids of each file, of another file, and of nobody."""
    found = []
    for _, route in walk():
        name = name_of(route)
        for values in _arguments(route, planted):
            found.append((name, reverse(name, kwargs=values), route))
    return found


def name_of(route: URLPattern) -> str:
    for prefix, (_, resolver) in get_resolver().namespace_dict.items():
        if route in resolver.url_patterns:
            return f"{prefix}:{route.name}"
    return str(route.name)


def _arguments(route: URLPattern, planted: Practice) -> Iterator[dict[str, Any]]:
    names = [name for name in route.pattern.converters if name not in route.default_args]
    if "patient" not in names:
        pools = [[*planted.apart.get(name, [])[:2], uuid.UUID(int=9)] for name in names]
        yield from (dict(zip(names, values, strict=True)) for values in product(*pools))
        return
    others = [name for name in names if name != "patient"]
    every = list(planted.files)
    for patient, stranger in zip(every, every[1:] + every[:1], strict=True):
        for values in _objects(others, planted.files[patient]):
            yield {"patient": patient, **values}
        if others and patient == every[0]:  # another's object under this patient's address
            yield from ({"patient": patient, **values} for values in list(_objects(others, planted.files[stranger]))[:1])
    yield {"patient": uuid.UUID(int=9), **{name: "history" if name in ("kind", "rule") else uuid.UUID(int=9) for name in others}}


def _objects(names: list[str], ids: Mapping[str, list[UUID]]) -> Iterator[dict[str, Any]]:
    if "kind" in names:
        yield from ({"kind": kind, "line": line} for kind in KINDS for line in ids.get(kind, [])[:1])
        return
    if names == ["rule"]:
        yield from ({"rule": rule} for rule in ("imc", "score2"))
        return
    pools = [ids.get("treatment" if name == "line" else name, []) for name in names]
    yield from (dict(zip(names, values, strict=True)) for values in product(*pools))


def queries_of(name: str, planted: Practice) -> list[str]:
    """What a person types or clicks in the address of a list."""
    words = [name[:8] for name in planted.names.values()]  # never the whole: what was typed comes back in the page
    return {"patients:search": [f"?q={words[0]}", f"?q={words[2]}", "?q=14071958", "?q=14/07/1958"],
            "patients:palette": [f"?q={words[0]}", f"?q={words[1]}&dossier={next(iter(planted.files))}"],
            "dossier:move": [f"?q={words[1]}"], "patients:vsm": [f"?dossier={next(iter(planted.files))}"],
            "patients:merge": [f"?q={words[1]}"], "dossier:document_content": ["?telecharger=oui"],
            "dossier:older": ["?avant=2999-01-01T00:00:00%2B00:00"], "dossier:file": ["?fait=note"],
            "papers:content": ["?imprimer=oui"], "practice:members": ["?tous"], "dossier:curves": ["?reference=oms"]}.get(name, [])
