"""What the readers of entries share: where they stand, stable keys, comments, statuses, and the lists they fill."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from permanence.interop.cda import codes
from permanence.interop.cda.header import read_person
from permanence.interop.cda.items import (
    Absence,
    Allergy,
    Attachment,
    Device,
    FamilyHistory,
    Finding,
    Plan,
    Problem,
    Procedure,
    Text,
    Treatment,
    Unmapped,
    Vaccination,
)
from permanence.interop.cda.narrative import Row, local
from permanence.interop.cda.reading import Element, Reading, has
from permanence.interop.cda.values import Code
from permanence.lib.text import NBSP, fold


@dataclass(slots=True)
class Collected:
    """The lists of a `Summary` while they grow, and the keys already given."""

    problems: list[Problem] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    allergies: list[Allergy] = field(default_factory=list)
    treatments: list[Treatment] = field(default_factory=list)
    vaccinations: list[Vaccination] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    family: list[FamilyHistory] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    labels: list[str] = field(default_factory=list)  # folded, of everything collected so far


@dataclass(slots=True)
class Context:
    """One section being read."""

    reading: Reading
    out: Collected
    kind: str = ""
    title: str = ""
    code: str = ""
    rows: list[Row] = field(default_factory=list)

    def key(self, kind: str, *elements: Element, content: str) -> str:
        """Stable over the document's versions: the identifiers of the statements, outermost first, else the content.

        Real documents give one identifier to two statements: the second one's content then tells them apart.
        """
        ids = [i.text for element in elements for e in element.iterchildren("{*}id") if (i := self.reading.id(e))]
        print_ = hashlib.sha256(fold(content).encode()).hexdigest()[:16]
        key = f"{kind}:{'/'.join(dict.fromkeys(ids)).lower()}" if ids else f"{kind}:~{print_}"
        if self.out.keys[key]:
            key = f"{key}#{print_}"
        self.out.keys[key] += 1
        return key if self.out.keys[key] == 1 else f"{key}#{self.out.keys[key]}"

    def common(self, kind: str, *elements: Element, label: str, content: str = "") -> dict[str, Any]:
        """The fields that every `Item` has; `elements` from the outermost to the statement itself."""
        own = elements[-1]
        row = self.reading.row(*self._own_texts(own))
        self.out.labels.append(fold(label))
        return {
            "key": self.key(kind, *elements, content=f"{label} {content}"),
            "section": self.title,
            "path": self.reading.path(own),
            "label": label,
            "comment": self.comment(own),
            "row": row.text if row else "",
            "author": self.author(own),
        }

    def _own_texts(self, element: Element) -> list[Element]:
        """The statement's own references, not those of statements inside it."""
        return [
            child for child in element.iterchildren(etree.Element) if local(child) not in ("entryRelationship", "component")
        ]

    def row(self, element: Element) -> Row | None:
        """The line of the section's text that shows this statement."""
        return self.reading.row(*self._own_texts(element))

    def text(self, element: Element) -> str:
        """The statement's own words."""
        return self.reading.words(element.find("{*}text"))

    def comment(self, element: Element) -> str:
        """The comments attached to a statement."""
        said = []
        for act in self.reading.related(element):
            if local(act) == "act" and has(act, codes.COMMENT):
                said.append(self.text(act))
                self.reading.use_all(act)
        return " ; ".join(dict.fromkeys(s for s in said if s))

    def author(self, element: Element) -> str:
        """Who did or wrote it: « Dr Charles MULLER, Cabinet du Belvédère »."""
        names = []
        for participation in element.iterchildren("{*}performer", "{*}author", "{*}informant"):
            who = next(participation.iterchildren("{*}assignedEntity", "{*}assignedAuthor", "{*}relatedEntity"), None)
            person = read_person(self.reading, who)
            self.reading.use_all(participation)
            said = ", ".join(part for part in (person.name, person.organization) if part)
            if said:
                names.append(said)
        return " ; ".join(dict.fromkeys(names))

    def reason(self, element: Element) -> str:
        """Why: the internal references and problems under RSON."""
        said = []
        for other in self.reading.related(element, "RSON"):
            code = self.reading.code(other.find("{*}code"))
            value = self.reading.code(other.find("{*}value"))
            said.append(value.label or code.label or self.text(other))
            self.reading.use_all(other)
        return " ; ".join(dict.fromkeys(s for s in said if s))

    def inner(self, element: Element, known: set[str], *loinc: str) -> list[Element]:
        """Statements directly related that claim one of these templates, or carry one of these codes."""
        found = []
        for other in self.reading.related(element):
            code = other.find("{*}code")
            if has(other, known) or (code is not None and code.get("code") in loinc):
                found.append(other)
        return found

    def said(self, element: Element) -> str:
        """The value of an inner observation, in words; the whole of it counts as read."""
        text, _, _ = self.reading.value_text(element.find("{*}value"))
        text = text or self.text(element)
        self.reading.use_all(element)
        return text

    def status(self, element: Element) -> str:
        """Active, inactive or "", from an inner status observation."""
        for other in self.inner(element, codes.STATUS, "33999-4"):
            _, _, code = self.reading.value_text(other.find("{*}value"))
            self.reading.use_all(other)
            if status := status_of(code):
                return status
        return ""

    def lost(self, element: Element) -> None:
        """A statement of which nothing could be made."""
        self.out.unmapped.append(
            self.reading.unmapped(element, self.title)
            or Unmapped(self.title, self.reading.path(element), f"{local(element)} sans contenu lisible")
        )
        self.reading.use_all(element)

    def absence(self, code: Code, *elements: Element, label: str = "") -> bool:
        """Record a "none known" when the code says so."""
        found = codes.ABSENCES.get(code.code)
        if not found:
            return False
        kind, known = found
        self.out.absences.append(
            Absence(**self.common("absence", *elements, label=label or code.label), kind=kind, known=known, code=code)
        )
        return True


def status_of(code: Code) -> str:
    """Active, inactive or "" for a status value of any of the vocabularies in use."""
    if code.code in codes.INACTIVE_CODES:
        return "inactive"
    if code.code in codes.ACTIVE_CODES:
        return "active"
    said = fold(code.label)
    if re.search(r"inacti|resol|gueri|remission|refut", said):
        return "inactive"
    return "active" if re.search(r"acti|chroni|intermitt|recurren|en cours", said) else ""


def negated(element: Element) -> bool:
    """Whether the statement is denied."""
    return (element.get("negationInd") or "").strip().lower() in ("true", "1")


def status_code(reading: Reading, element: Element) -> str:
    """The act's own state: active, completed, aborted, suspended, cancelled, held..."""
    code = element.find("{*}statusCode")
    reading.use(code)
    return (code.get("code") or "").strip().lower() if code is not None else ""


def doubt(reading: Reading, what: str) -> None:
    """A warning that asks for a look."""
    reading.warn(f"{what}{NBSP}: à vérifier dans le document.")
