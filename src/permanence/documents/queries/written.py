"""What was signed or filed by hand since an instant: letters, certificates, documents that somebody put in a file."""

import datetime
from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from permanence.documents.models import Document, Letter
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.journal.written import Head, Written
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP

KINDS = ("letter", "document")


def heads(kind: str, since: datetime.datetime, where: Q) -> list[Head]:
    """What people signed or filed of one kind, whoever may see it: for this room's own doors. Imported documents are not."""
    columns = ("id", "patient_id", "author_id", "sensitive", "minor_secret")
    if kind == "letter":
        rows = list(Letter.objects.filter(where, signed_at__gte=since).values_list(*columns, "signed_at"))
    else:
        filed = Document.objects.filter(where, received_at__gte=since).exclude(origin__in=("import", "demo"))
        rows = list(filed.exclude(author_id=None).values_list(*columns, "received_at"))
    return [Head(kind, Ask(patient, Category.DOCUMENTS, id, author, sensitive, minor), at, author)
            for id, patient, author, sensitive, minor, at in rows]  # fmt: skip


def written_heads(
    since: datetime.datetime, *, reader: Reader, files: Collection[UUID] | None = None, level: Level = Level.LISTED
) -> list[Head]:
    """The heads that this reader may see, of these files or of all."""
    where = Q() if files is None else Q(patient_id__in=files)
    found = [head for kind in KINDS for head in heads(kind, since, where)]
    admitted = reader.admit_objects([head.ask for head in found], level=level) if found else set()
    return [head for head in found if head.id in admitted]


def written_since(files: Collection[UUID], since: datetime.datetime, *, reader: Reader) -> list[Written]:
    """What was signed or filed in a person's files, with its words; only what this reader may see."""
    found = {head.id: head for head in written_heads(since, reader=reader, files=files, level=Level.READ)}
    letters = Letter.objects.filter(id__in=set(found)).values_list("id", "title", "recipient", "text", "number", "replaces_id")
    said = [
        Written(found[id], title, "\n".join(filter(None, (
            f"À{NBSP}: {recipient}" if recipient else "", text, f"N°{NBSP}{number}" if number else "",
            "Remplace un papier signé avant lui." if replaces else ""))))
        for id, title, recipient, text, number, replaces in letters
    ]  # fmt: skip
    documents = Document.objects.filter(id__in=set(found)).values_list("id", "title", "type_label", "dated_on", "file_name")
    return said + [
        Written(found[id], title, f"{label}{', ' + format_date(day) if day else ''}{NBSP}: le fichier «{NBSP}{name}{NBSP}» s’ouvre dans le"
                " dossier, à joindre là-bas.")
        for id, title, label, day, name in documents
    ]  # fmt: skip
