"""What a limited laptop says of itself: whose files it carries, and what to do where one is not on it. On a whole machine, nothing."""

import re
from uuid import UUID

from django.http import HttpRequest

from permanence.lib.text import NBSP, of_person, plural
from permanence.sync import queries

TITLE = "Ce dossier n’est pas sur ce portable"
_PATIENT = re.compile(r"/patients/([0-9a-f-]{36})/")


def carries() -> str:
    """« Ce portable porte les dossiers du Dr Claire MOREAU : 412 patients »; empty on a whole machine."""
    found = queries.here()
    return "" if found is None else f"Ce portable porte les dossiers {_whose(found)}{NBSP}: {plural(found.files, 'patient')}"


def elsewhere(request: HttpRequest) -> str:
    """What to do for a file of the practice that is not here; empty when that is not why it was not found."""
    named, found = _PATIENT.search(request.path), queries.here()
    if named is None or found is None or not queries.is_elsewhere(UUID(named[1])):
        return ""
    return (f"Ce portable porte seulement les dossiers {_whose(found)}. Lire celui-ci sur une autre machine du cabinet. Pour l’avoir ici, "
            f"noter au cabinet un rendez-vous à ce nom dans les dix jours{NBSP}: le dossier arrive au contact suivant.")  # fmt: skip


def _whose(found: queries.CarriedFiles) -> str:
    return of_person(found.of) if found.of else "de son soignant"
