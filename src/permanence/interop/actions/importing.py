"""Importing one document: read outside the writer, then one act finds the file, keeps the original, files the lines."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from permanence.accounts.permissions import check_write
from permanence.documents import actions as documents
from permanence.documents import blobs
from permanence.interop import mapping, rules
from permanence.interop.actions import matching
from permanence.interop.actions.filing import Filing, file_lines
from permanence.interop.cda.items import Summary
from permanence.interop.cda.refusals import MAX_BYTES, CdaRefused, TooLarge, too_large
from permanence.interop.cda.values import Person
from permanence.interop.models import Import
from permanence.interop.queries import ImportReport
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import NBSP
from permanence.patients.permissions import load_files

XML = "application/xml"
_WRITTEN = (Category.DOCUMENTS, Category.HISTORY, Category.ALLERGIES, Category.TREATMENTS)
_MOST_TOLD = 400  # rows of each list that a report keeps


def import_vsm(
    content: bytes, filename: str, *, by: Actor, patient: UUID | None = None, despite: bool = False
) -> ImportReport:
    """Import a medical summary: into `patient`'s file, or the file that its INS or strict traits name, or a new one.

    `despite`: the person says that it is this patient's although the identities differ. Whatever happens, the original is
    kept: in the file, or aside with the reason. Twice the same bytes add nothing; a newer version brings up to date what
    nobody has changed here. Raises Refused only for who may not import (rights) and for an unknown `patient`.
    """
    from permanence.interop.cda import vsm  # no start needs the reader

    check_write(by, Category.DOCUMENTS, new=True)
    if len(content) > MAX_BYTES:
        digest = hashlib.sha256(content).hexdigest()
        return refuse_too_large(filename, size=len(content), sha256=digest, by=by)
    try:
        summary = vsm.read(content)
    except CdaRefused as refusal:
        return _refused(content, filename, by, refusal)
    plan = plan_of(summary, content, filename)
    ref = None
    try:
        if (known := _already(plan, patient)) is not None:
            return known
        ref = blobs.store(content)
        blob = {"hash": ref.hash, "key": ref.key, "size": ref.size, "sha256": ref.sha256}
        done = _import(plan, by=by, blob=blob, patient=patient, despite=despite)
    except Refused as why:
        if ref is not None:
            blobs.forget(ref.hash)  # nothing cites it
        if why.code in _ASIDE:
            return _aside(content, filename, by, why, summary)
        raise
    return ImportReport(**done)


_ASIDE = {"other_patient", "identity", "several", "nobody", "not_summary"}


def plan_of(summary: Summary, content: bytes, filename: str) -> dict[str, Any]:
    """What the action needs, as plain values: nothing is read or decided again inside it."""
    header, treating = summary.header, summary.header.treating
    author = header.authors[0] if header.authors else Person()
    return {
        "filename": filename, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content),
        "is_summary": summary.is_summary, "kind": summary.kind, "title": header.title or summary.kind,
        "type_code": header.code.code, "type_label": header.code.display, "series": header.series.text[:300],
        "version": header.version, "effective": header.effective.said, "dated_on": header.effective.date,
        "source": ", ".join(part for part in (author.name, author.organization) if part),
        "restricted": header.confidentiality.code in ("R", "V"),
        "identity": rules.identity(summary.patient), "ins": summary.patient.ins, "ins_oid": summary.patient.ins_oid,
        "treating": rules.person_text(treating), "treating_rpps": treating.rpps,
        "contacts": [contact for person in (*summary.patient.guardians, *header.contacts)
                     if (contact := rules.contact(person))],
        "lines": mapping.lines(summary) if summary.is_summary else [],
        "warnings": [*rules.identity_warnings(summary), *summary.warnings],
        "unmapped": [[u.section, u.path, u.excerpt] for u in summary.unmapped],
    }  # fmt: skip


@action
def _import(
    plan: Mapping[str, Any], *, by: Actor, blob: Mapping[str, Any], patient: UUID | None, despite: bool
) -> dict[str, Any]:
    """The import itself, in one act. Returns the fields of an `ImportReport`. Raises Refused."""
    if plan["is_summary"]:
        for category in _WRITTEN:
            check_write(by, category, new=True)
        match = matching.find_or_open(plan, by=by, patient=patient, despite=despite)
    else:
        found = matching.find(plan, patient=patient, despite=despite)
        if found is None:
            raise Refused(_not_summary(plan["kind"], "ouvrez le dossier du patient, puis importez-y le document"),
                          code="not_summary")  # fmt: skip
        match = found
    flags = {"sensitive": plan["restricted"], "minor_secret": False}
    document = documents.file_document(
        match.patient, by=by, blob=blob, title=plan["title"], mime=XML, file_name=plan["filename"], origin="import",
        type_code=plan["type_code"][:40], type_label=plan["type_label"][:200], author_text=plan["source"],
        dated_on=plan["dated_on"], **flags)  # fmt: skip
    filing = Filing(match.patient, by, document, uuid4(), plan["series"], plan["version"], flags)
    sentence = _file(filing, plan, match)
    return _journal(plan, match, filing, sentence)


def _file(filing: Filing, plan: Mapping[str, Any], match: matching.Match) -> tuple[str, str]:
    """File the lines; returns the import's status and its sentence."""
    if not plan["is_summary"]:
        return "filed", _not_summary(
            plan["kind"], "il est classé dans les documents du patient, sans reprise de ses données"
        )
    newest = Import.objects.filter(patient_id__in=filing.family, series=filing.series).order_by("-version").values_list(
        "version", flat=True).first()  # fmt: skip
    if newest is not None and plan["version"] < newest:
        return "older", (f"Une version plus récente de ce document a déjà été importée (version {newest}){NBSP}: celle-ci "
                         "est classée, le dossier ne change pas.")  # fmt: skip
    if plan["restricted"]:
        match.warnings.append(
            f"Le document est confidentiel{NBSP}: ses lignes sont réservées à leur auteur et au médecin traitant."
        )
    file_lines(filing, plan["lines"])
    status = "imported" if newest is None else "updated"
    where = "un nouveau dossier" if match.created else "le dossier du patient"
    return status, f"Document repris dans {where}{NBSP}: {rules.counted(filing.count)}."


def _journal(plan: Mapping[str, Any], match: matching.Match, filing: Filing, done: tuple[str, str]) -> dict[str, Any]:
    """Keep the report beside the document, and say what a screen needs to open it."""
    status, sentence = done
    warnings = [*match.warnings, *plan["warnings"]]
    numbers = {name: filing.count(outcome) for name, outcome in (
        ("added", rules.ADDED), ("updated", rules.UPDATED), ("already", rules.ALREADY))}  # fmt: skip
    Import.objects.create(
        id=filing.import_id, patient_id=match.patient, document_id=filing.document, status=status, sentence=sentence,
        file_name=plan["filename"][:200], sha256=plan["sha256"], size=plan["size"], kind=plan["kind"][:200],
        title=plan["title"][:200], series=plan["series"], version=plan["version"], effective=plan["effective"][:30],
        source=plan["source"][:200], patient_created=match.created, by_id=filing.by.member, at=clock.now(), **numbers,
        details={"lines": filing.told[:_MOST_TOLD], "warnings": warnings[:_MOST_TOLD],
                 "differences": [list(row) for row in match.differences], "unmapped": plan["unmapped"][:_MOST_TOLD]},
        **filing.flags)  # fmt: skip
    return {"status": status, "sentence": sentence, "file_name": plan["filename"], "patient": match.patient,
            "patient_created": match.created, "import_id": filing.import_id, "document": filing.document,
            "left_out": filing.count(rules.LEFT_OUT), "warnings": len(warnings), "unmapped": len(plan["unmapped"]),
            "differences": len(match.differences), **numbers}  # fmt: skip


def _already(plan: Mapping[str, Any], patient: UUID | None) -> ImportReport | None:
    """The report of the same bytes, imported before into this file (or any, when none is chosen)."""
    found = Import.objects.filter(sha256=plan["sha256"]).order_by("at")
    if patient is not None:
        found = found.filter(patient_id__in=load_files([patient])[patient].family)
    first = found.first()
    if first is None:
        return None
    return ImportReport(
        status="already", sentence=f"Ce document a déjà été importé{NBSP}: rien n’a été ajouté.", file_name=plan["filename"],
        patient=UUID(str(first.patient_id)), import_id=UUID(str(first.id)), document=first.document_id,
        already=first.added + first.updated + first.already, warnings=len(first.details.get("warnings", ())),
        unmapped=len(first.details.get("unmapped", ())))  # fmt: skip


# -- what is not imported


def refuse_too_large(filename: str, *, size: int, sha256: str, by: Actor) -> ImportReport:
    """A file above 20 MB: its name, size and SHA-256 (hex) are kept, and nothing else."""
    check_write(by, Category.DOCUMENTS, new=True)
    sentence = too_large(size).sentence
    kept = documents.keep_refused(None, by=by, file_name=filename, reason=sentence, size=size, sha256=sha256)
    return ImportReport(status="refused", sentence=sentence, file_name=filename, code=TooLarge.code, set_aside=kept)


def _not_summary(kind: str, then: str) -> str:
    return f"Ce document n’est pas un volet de synthèse médicale (c’est {kind}){NBSP}: {then}."


def _refused(content: bytes, filename: str, by: Actor, refusal: CdaRefused) -> ImportReport:
    """Not read: the original is kept aside with the reason."""
    kept = documents.keep_refused(content, by=by, file_name=filename, reason=refusal.sentence)
    return ImportReport(status="refused", sentence=refusal.sentence, file_name=filename, code=refusal.code, set_aside=kept)


def _aside(content: bytes, filename: str, by: Actor, why: Refused, summary: Summary) -> ImportReport:
    """Read, but nobody's file can be named for sure: kept aside, for a person to look at."""
    kept = documents.keep_refused(content, by=by, file_name=filename, reason=why.sentence, mime=XML)
    return ImportReport(status="aside", sentence=why.sentence, file_name=filename, code=why.code, set_aside=kept,
                        warnings=len(summary.warnings), unmapped=len(summary.unmapped))  # fmt: skip
