"""Bytes of a CDA R2 document to a `Summary`: sections are walked, entries recognised by templates, codes and shape.

Nothing is silently lost: what no reader took is listed as `unmapped`, with the section and the place.
"""

from lxml import etree

from permanence.interop.cda import codes
from permanence.interop.cda.collecting import Collected, Context
from permanence.interop.cda.findings import read_encounter, read_finding, read_group, read_media
from permanence.interop.cda.header import read_header, read_patient
from permanence.interop.cda.histories import (
    read_allergy,
    read_concern,
    read_family,
    read_family_member,
    read_problem,
    read_procedure,
)
from permanence.interop.cda.items import Absence, Attachment, Summary, Text, Unmapped
from permanence.interop.cda.narrative import local, rows, words
from permanence.interop.cda.reading import Element, Reading, has, statements
from permanence.interop.cda.refusals import TooComplex
from permanence.interop.cda.treatments import read_device, read_treatment, read_vaccination
from permanence.interop.cda.values import Code, Header, null_text
from permanence.interop.cda.xml import Tree, parse_clinical_document
from permanence.lib.text import NBSP, NNBSP, fold

_IPS_TEMPLATES = {"1.2.250.1.213.1.1.1.51", "2.16.840.1.113883.10.22.1.1"}
_HEADER_QUIET = {
    "component",
    "recordTarget",
    "typeId",
    "templateId",
    "realmCode",
    "languageCode",
    "id",
    "title",
    "code",
    "effectiveTime",
    "confidentialityCode",
    "setId",
    "versionNumber",
    "custodian",
    "legalAuthenticator",
}
# Header parts that repeat who made the document; the original keeps them.
_HEADER_REPEATED = {
    "authenticator",
    "componentOf",
    "documentationOf",
    "dataEnterer",
    "informationRecipient",
    "inFulfillmentOf",
    "relatedDocument",
}
_MAX_SECTION_DEPTH = 20
_STATEMENTS = tuple(f"{{*}}{name}" for name in ("entry", "section", "entryRelationship", "observation", "act", "organizer"))
_MOST_COMPARED = 2_000  # lines of a section that are compared with its entries
_MOST_STATEMENTS = 10_000  # forty years of history give some hundreds


def read(content: bytes) -> Summary:
    """Read any CDA R2 document. Raises a `CdaRefused` and nothing else."""
    return read_tree(parse_clinical_document(content))


def read_tree(tree: Tree) -> Summary:
    """The same, from a checked tree."""
    _refuse_crowds(tree.root)
    reading = Reading(tree.root)
    reading.warnings.extend(tree.remarks)
    out = Collected()
    header, patient = read_header(reading), read_patient(reading)
    body = tree.root.find("{*}component/{*}structuredBody")
    if body is not None:
        for component in body.iterchildren("{*}component"):
            for section in component.iterchildren("{*}section"):
                _section(reading, out, section, "", 0)
    _flat_body(reading, out)
    _rest_of_header(reading, out)
    is_summary, kind = document_kind(header, tree.root)
    if reading.index.doubled:
        reading.warn(f"Le document donne deux fois le même repère à des textes différents{NBSP}: relire les libellés.")
    fields = {
        name: tuple(getattr(out, name))
        for name in (
            "problems",
            "procedures",
            "allergies",
            "treatments",
            "vaccinations",
            "findings",
            "family",
            "devices",
            "plans",
            "attachments",
            "absences",
            "texts",
            "unmapped",
        )
    }
    return Summary(
        header, patient, **fields, warnings=tuple(reading.warnings), is_summary=is_summary, kind=kind, encoding=tree.encoding
    )


def _refuse_crowds(root: Element) -> None:
    """More statements than a life gives: reading them all would cost too much."""
    if sum(1 for _ in root.iter(*_STATEMENTS)) > _MOST_STATEMENTS:
        raise TooComplex(
            f"Le document contient plus de {_MOST_STATEMENTS // 1000}{NNBSP}000 données, trop pour une synthèse{NBSP}: "
            "demander à l’expéditeur de la découper."
        )


def document_kind(header: Header, root: Element) -> tuple[bool, str]:
    """Whether it is a medical summary, and in French what it is."""
    code = (header.code.code, header.code.system)
    sections = {t.get("root") for t in root.iterfind(".//{*}section/{*}templateId")}
    if codes.VSM_TEMPLATE in header.templates or code in codes.VSM_CODES or "1.2.250.1.213.1.1.2.29" in sections:
        if _IPS_TEMPLATES & set(header.templates):
            return True, "une synthèse médicale internationale (IPS)"
        return True, "un volet de synthèse médicale"
    known = codes.DOCUMENT_KINDS.get(header.code.code)
    named = header.code.display or header.title
    return False, known or (f"un document «{NBSP}{named[:80]}{NBSP}»" if named else "un document d’un type non précisé")


def _section(reading: Reading, out: Collected, section: Element, above: str, depth: int) -> None:
    """One section, its entries, then its sub-sections."""
    title = _title(section) or above or "Section sans titre"
    code = section.find("{*}code")
    loinc = (code.get("code") or "") if code is not None else ""
    kind = section_kind(section, loinc)
    reading.section = title
    for plain in ("templateId", "id", "code", "title", "confidentialityCode", "languageCode"):
        for element in section.iterchildren(f"{{*}}{plain}"):
            reading.use_all(element)
    text = section.find("{*}text")
    lines = rows(text) if text is not None else []
    reading.use_all(text)
    reading.index.add(lines)
    context = Context(reading, out, kind, title, loinc, lines)
    entries = list(section.iterchildren("{*}entry"))
    before = len(out.labels)
    for entry in entries:
        _entry(context, entry)
    _words_of(context, section, bool(entries), out.labels[before : before + _MOST_COMPARED])
    for child in section.iterchildren(etree.Element):
        if local(child) == "component" and depth < _MAX_SECTION_DEPTH:
            for inner in child.iterchildren("{*}section"):
                _section(reading, out, inner, title, depth + 1)
        elif local(child) not in ("entry", "component", "text") and (left := reading.unmapped(child, title)):
            out.unmapped.append(left)


def section_kind(section: Element, loinc: str) -> str:
    """By template first (18776-5 names two kinds of section), then by LOINC code; "" for a section we do not know."""
    claimed = {(t.get("root") or "").strip() for t in section.iterchildren("{*}templateId")}
    for kind, (_, known) in codes.SECTIONS.items():
        if known & claimed:
            return kind
    return next((kind for kind, (known, _) in codes.SECTIONS.items() if loinc in known), "")


def _title(section: Element) -> str:
    title = section.find("{*}title")
    code = section.find("{*}code")
    said = words(title) if title is not None else ""
    return said or ((code.get("displayName") or "").strip() if code is not None else "")


def _entry(context: Context, entry: Element) -> None:
    """Dispatch one entry, then report what was left of it."""
    found = False
    for element in statements(entry):
        found = True
        before = context.out.keys.total()
        _statement(context, element)
        if context.out.keys.total() == before and not context.reading.used(element):
            context.reading.use(element)
    if not found and entry.get("nullFlavor"):
        return
    for template in entry.iterchildren("{*}templateId"):
        context.reading.use(template)
    if left := context.reading.unmapped(entry, context.title):
        context.out.unmapped.append(left)


def _statement(context: Context, element: Element) -> None:
    """By template, then by shape and section."""
    name, kind = local(element), context.kind
    if name == "act" and has(element, codes.PROBLEM_CONCERN | codes.ALLERGY_CONCERN):
        read_concern(context, element)
    elif name == "act" and (has(element, codes.LAB_REPORT) or kind in ("results", "measures")):
        read_group(context, element)
    elif name == "act" and kind in ("problems", "past", "allergies", "history", "synthesis"):
        read_concern(context, element)
    elif name == "procedure":
        read_procedure(context, element)
    elif name == "act" and kind == "procedures":
        read_procedure(context, element)
    elif name == "observation":
        _observation(context, element)
    elif name == "organizer" and (has(element, codes.FAMILY) or kind == "family"):
        read_family(context, element)
    elif name == "organizer":
        read_group(context, element)
    elif name == "substanceAdministration":
        vaccine = has(element, codes.VACCINATION) or (kind == "vaccinations" and not has(element, codes.TREATMENT))
        (read_vaccination if vaccine else read_treatment)(context, element)
    elif name == "supply":
        read_device(context, element)
    elif name == "encounter":
        read_encounter(context, element)
    elif name == "observationMedia":
        read_media(context, element)


def _observation(context: Context, element: Element) -> None:
    if has(element, codes.ALLERGY) or context.kind == "allergies":
        read_allergy(context, element)
    elif context.kind == "family":
        read_family_member(context, element, relation="")
    elif has(element, codes.PROBLEM) or context.kind in ("problems", "past"):
        read_problem(context, element)
    else:
        read_finding(context, element)


def _words_of(context: Context, section: Element, has_entries: bool, new: list[str]) -> None:
    """What a section says in words only: all of it when it has no entry, else the lines that no entry shows."""
    reading, out = context.reading, context.out
    path = reading.path(section)
    if section.get("nullFlavor") and not has_entries and not context.rows:
        out.absences.append(
            Absence(
                key=context.key("absence", section, content=context.title),
                section=context.title,
                path=path,
                label=null_text(section.get("nullFlavor") or ""),
                kind=context.kind,
                known=False,
            )
        )
        return
    if not has_entries and context.rows:
        if context.kind == "copy":
            return
        out.texts.append(
            Text(
                key=context.key("text", section, content=context.title),
                section=context.title,
                path=path,
                label=context.title,
                kind=context.kind,
                lines=tuple(row.text for row in context.rows),
                cells=tuple(tuple(row.cells) for row in context.rows),
            )
        )
        if not context.kind:
            out.unmapped.append(Unmapped(context.title, path, " ; ".join(row.text for row in context.rows)[:600]))
        return
    for row in context.rows[:_MOST_COMPARED]:
        said = fold(row.text)
        covered = row.ids & reading.referenced or any(label and label in said for label in new)
        if not covered and context.kind != "copy":
            out.unmapped.append(Unmapped(context.title, path, f"texte sans donnée codée{NBSP}: {row.text}"[:600]))


def _flat_body(reading: Reading, out: Collected) -> None:
    """A document without sections: a PDF or text in one piece."""
    body = reading.root.find("{*}component/{*}nonXMLBody")
    if body is None:
        return
    text = body.find("{*}text")
    kind = (text.get("mediaType") or "text/plain") if text is not None else ""
    size = len(words(text)) if text is not None else 0
    encoded = text is not None and (text.get("representation") or "").upper() == "B64"
    out.attachments.append(
        Attachment(
            key="attachment:body",
            section="Corps du document",
            path=reading.path(body),
            label="Corps du document",
            media_type=kind,
            size=size * 3 // 4 if encoded else size,
        )
    )
    reading.use_all(body)


def _rest_of_header(reading: Reading, out: Collected) -> None:
    """What the head says beyond what was read: shown, one line for each part."""
    for child in reading.root.iterchildren(etree.Element):
        name = local(child)
        if name in _HEADER_QUIET - {"recordTarget", "custodian", "legalAuthenticator"}:
            continue
        if name in _HEADER_REPEATED:
            continue
        if left := reading.unmapped(child, "En-tête"):
            out.unmapped.append(left)


__all__ = ["Code", "document_kind", "read", "read_tree", "section_kind"]
