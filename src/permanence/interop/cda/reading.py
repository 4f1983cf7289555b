"""One reading of one document: HL7 data types to values, and an account of every element that was read.

What the account does not hold at the end is what the import screen shows as not mapped.
"""

import re
from collections.abc import Collection, Iterator
from typing import TypeAlias

from lxml import etree

from permanence.interop.cda import codes
from permanence.interop.cda.items import Unmapped
from permanence.interop.cda.narrative import Index, Row, local, words
from permanence.interop.cda.values import NO_TIME, Code, Id, Period, Quantity, When, null_text
from permanence.lib.text import NBSP, collapse

Element: TypeAlias = etree._Element
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_TS = re.compile(r"(\d{4})(\d{2})?(\d{2})?(?:(\d{2})(\d{2})?(\d{2})?(?:\.\d+)?)?([+-]\d{1,4}|Z)?", re.ASCII)
_ISO = re.compile(
    r"(\d{4})-(\d{2})(?:-(\d{2}))?(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?([+-]\d{2}:?\d{2}|Z)?", re.ASCII
)
_TELLING = ("code", "value", "displayName", "extension", "unit", "mediaType", "nullFlavor")
# Technical marks, and pointers into the section's text, which is accounted for line by line.
_SILENT = {
    "templateId",
    "typeId",
    "realmCode",
    "languageCode",
    "id",
    "statusCode",
    "sequenceNumber",
    "reference",
    "contextConductionInd",
    "seperatableInd",
    "independentInd",
}


class Reading:
    """The state of one reading: narrative index, elements already used, warnings."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.index = Index(root)
        self.warnings: list[str] = []
        self.section = "En-tête"
        self.referenced: set[str] = set()
        self._used: set[Element] = set()
        self._tree = root.getroottree()

    # --- the account -----------------------------------------------------------------------------------------------

    def use(self, element: Element | None) -> None:
        """This element's own attributes and text were read."""
        if element is not None:
            self._used.add(element)

    def use_all(self, element: Element | None) -> None:
        """The element and everything in it were read, or need not be."""
        if element is not None:
            self._used.update(element.iter(etree.Element))

    def used(self, element: Element) -> bool:
        return element in self._used

    def warn(self, sentence: str) -> None:
        """A French sentence for the import screen, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def path(self, element: Element) -> str:
        """Where the element stands, without namespaces, for people who have the file open."""
        return re.sub(r"\{[^}]*\}|\*:|\bns\d+:", "", self._tree.getelementpath(element) or self.root.tag)

    def left(self, under: Element) -> list[str]:
        """What was not read inside `under`, in words."""
        found = []
        for node in under.iter(etree.Element):
            if node in self._used or local(node) in _SILENT:
                continue
            if local(node) == "originalText" and not collapse(node.text or ""):
                continue
            told = [f"{node.get(name)}" for name in _TELLING if node.get(name) and name != "nullFlavor"]
            inside = collapse(node.text or "")
            if told or inside:
                found.append(f"{local(node)}{NBSP}: {' '.join([*told, inside]).strip()}"[:160])
        return found

    def unmapped(self, under: Element, section: str) -> Unmapped | None:
        """A report of what was not read inside `under`, or None."""
        left = self.left(under)
        if not left:
            return None
        more = f" (+ {len(left) - 6})" if len(left) > 6 else ""
        return Unmapped(section, self.path(under), " ; ".join(left[:6])[:600] + more)

    # --- data types ------------------------------------------------------------------------------------------------

    def words(self, element: Element | None) -> str:
        """An ED or ST: what its reference points at, else its own text."""
        if element is None:
            return ""
        self.use_all(element)
        reference = element.find("{*}reference")
        if reference is not None:
            name = (reference.get("value") or "").removeprefix("#")
            self.referenced.add(name)
            if said := self.index.words(name):
                return said
        return words(element)

    def row(self, *elements: Element | None) -> Row | None:
        """The narrative line that one of these elements' references stands in."""
        for element in elements:
            if element is None:
                continue
            for reference in element.iter("{*}reference"):
                if row := self.index.row(reference.get("value") or ""):
                    return row
        return None

    def id(self, element: Element | None) -> Id:
        if element is None:
            return Id()
        self.use(element)
        return Id(
            _attribute(element, "root"), _attribute(element, "extension"), _attribute(element, "assigningAuthorityName")
        )

    def code(self, element: Element | None, depth: int = 0) -> Code:
        """CD, CE, CV, CO: kept as given."""
        if element is None or depth > 3:
            return Code()
        self.use(element)
        system = _attribute(element, "codeSystem")
        return Code(
            _attribute(element, "code"),
            system,
            _attribute(element, "codeSystemName") or codes.SYSTEM_NAMES.get(system, ""),
            collapse(element.get("displayName") or ""),
            self.words(element.find("{*}originalText")),
            _attribute(element, "nullFlavor"),
            tuple(t for e in element.iterchildren("{*}translation") if (t := self.code(e, depth + 1))),
            tuple(q for e in element.iterchildren("{*}qualifier") if (q := self._qualifier(e, depth))),
        )

    def _qualifier(self, element: Element, depth: int) -> str:
        self.use(element)
        name, value = (self.code(element.find(f"{{*}}{part}"), depth + 1) for part in ("name", "value"))
        return f"{name.label}{NBSP}: {value.label}" if name.label and value.label else value.label or name.label

    def when(self, element: Element | None) -> When:
        """TS, with the precision it has; from an interval, its beginning."""
        if element is None:
            return NO_TIME
        self.use(element)
        raw = _attribute(element, "value")
        if not raw:
            inner = next(
                (e for e in element.iterchildren("{*}low", "{*}center", "{*}high") if e.get("value") or e.get("nullFlavor")),
                None,
            )
            if inner is not None:
                return self.when(inner)
            return When(null_flavor=_attribute(element, "nullFlavor"))
        found = time_stamp(raw)
        if not found.iso:
            self.warn(f"Une date n’est pas lisible et reste telle quelle{NBSP}: «{NBSP}{raw[:40]}{NBSP}» ({self.section}).")
        return found

    def period(self, element: Element | None) -> Period:
        """IVL_TS: low and high; a single value is a start."""
        if element is None:
            return Period()
        low, high = element.find("{*}low"), element.find("{*}high")
        if low is None and high is None:
            return Period(self.when(element))
        self.use(element)
        return Period(self.when(low), self.when(high))

    def quantity(self, element: Element | None) -> Quantity:
        """PQ, REAL, INT."""
        if element is None:
            return Quantity()
        self.use(element)
        return Quantity(_attribute(element, "value"), _attribute(element, "unit"), _attribute(element, "nullFlavor"))

    def quantity_text(self, element: Element | None) -> str:
        """PQ, IVL_PQ or RTO in words: « 1 à 2 comprimés », « 100 mg par jour », « ≤ 0,5 g/L »."""
        if element is None:
            return ""
        self.use(element)
        low, high = element.find("{*}low"), element.find("{*}high")
        top, bottom = element.find("{*}numerator"), element.find("{*}denominator")
        if top is not None:
            up, down = show(self.quantity(top)), show(self.quantity(bottom))
            return f"{up} / {down.removeprefix('1 ')}" if up and down and down != "1" else up
        said = ""
        if low is not None or high is not None:
            said = between(self.quantity(low), self.quantity(high))
        said = said or show(self.quantity(element))
        texts = [t for e in element.iter("{*}originalText") if (t := self.words(e))]
        for translation in element.iter("{*}translation"):
            self.use(translation)
            other = show(self.quantity(translation)) if translation.get("value") else ""
            texts += [other] if other else []
        return said or " à ".join(dict.fromkeys(texts))

    def value_text(self, element: Element | None) -> tuple[str, Quantity, Code]:
        """Any `value`: in words, and as quantity or code when it is one."""
        if element is None:
            return "", Quantity(), Code()
        kind = (element.get(XSI_TYPE) or "").rpartition(":")[2]
        self.use(element)
        if kind in ("CD", "CE", "CV", "CO", "CS", "SC") or (not kind and element.get("code")):
            code = self.code(element)
            return code.label or words(element) or null_text(code.null_flavor), Quantity(), code
        if kind in ("ST", "ED", "") and not element.get("value"):
            return self.words(element) or null_text(_attribute(element, "nullFlavor")), Quantity(), Code()
        if kind == "BL":
            return {"true": "oui", "false": "non"}.get(_attribute(element, "value"), ""), Quantity(), Code()
        if kind == "TS":
            return self.when(element).said, Quantity(), Code()
        if kind == "IVL_TS":
            return self.period(element).said, Quantity(), Code()
        text = self.quantity_text(element)
        quantity = self.quantity(element)
        return text or null_text(quantity.null_flavor), quantity, Code()

    # --- structure -------------------------------------------------------------------------------------------------

    def related(self, element: Element, *types: str) -> Iterator[Element]:
        """Statements under `entryRelationship` or `component`, of these types when some are named."""
        for relation in element.iterchildren("{*}entryRelationship", "{*}component"):
            if not types or relation.get("typeCode") in types:
                yield from statements(relation)


def statements(parent: Element) -> Iterator[Element]:
    """The clinical statement elements directly under an entry, a component or a relation."""
    yield from parent.iterchildren(
        "{*}act",
        "{*}observation",
        "{*}organizer",
        "{*}procedure",
        "{*}substanceAdministration",
        "{*}supply",
        "{*}encounter",
        "{*}observationMedia",
    )


def templates(element: Element) -> set[str]:
    """The template roots that the element claims; those on its parent entry count too (laboratory reports)."""
    parent = element.getparent()
    places = [element] + ([parent] if parent is not None and local(parent) in ("entry", "component") else [])
    return {_attribute(t, "root") for place in places for t in place.iterchildren("{*}templateId")}


def has(element: Element, known: Collection[str]) -> bool:
    """Whether the element claims one of these templates."""
    return not templates(element).isdisjoint(known)


def _attribute(element: Element, name: str) -> str:
    return collapse(element.get(name) or "")


def time_stamp(raw: str) -> When:
    """An HL7 time stamp: YYYY[MM[DD[HH[MM[SS]]]]] with a zone. A part that is zero or impossible ends the precision."""
    found = _TS.fullmatch(raw) or _ISO.fullmatch(raw)
    if not found or not 1800 <= int(found[1]) <= 2200:
        return When(raw)
    year, month, day, hour, minute, second, zone = found.groups()
    iso = year
    if month and 1 <= int(month) <= 12:
        iso += f"-{month}"
        if day and 1 <= int(day) <= _month_days(int(year), int(month)):
            iso += f"-{day}"
    time = ""
    if len(iso) == 10 and hour and int(hour) < 24 and int(minute or 0) < 60 and int(second or 0) < 60 and minute:
        time = ":".join(part for part in (hour, minute, second) if part)
    offset = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}" if zone and len(zone) >= 5 else ""
    return When(raw, iso, time, offset)


def _month_days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def decimal_fr(value: str) -> str:
    """The number as written, with the French decimal mark."""
    return value.replace(".", ",") if re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else value


def unit_fr(unit: str, value: str) -> str:
    """The unit as people write it: UCUM's annotations in French, plural from two."""
    known = codes.UNITS.get(unit, unit.strip("{}") if unit.startswith("{") and unit.endswith("}") else unit)
    plain = known.isalpha() and len(known) > 4
    try:
        return known + "s" if plain and abs(float(value)) >= 2 and not known.endswith("s") else known
    except ValueError:
        return known


def show(quantity: Quantity) -> str:
    """« 72,5 kg », « 2 comprimés »."""
    if quantity.unit in codes.TIME_UNITS:
        one, many = codes.TIME_UNITS[quantity.unit]
        return f"{decimal_fr(quantity.value)} {one if quantity.value in ('0', '1', '') else many}".strip()
    unit = "" if quantity.unit == "1" else unit_fr(quantity.unit, quantity.value)
    return f"{decimal_fr(quantity.value)} {unit}".strip() if quantity.value else ""


def between(low: Quantity, high: Quantity) -> str:
    """An interval in words."""
    if low.value and high.value:
        if low == high:
            return show(low)
        first = decimal_fr(low.value) if low.unit == high.unit else show(low)
        return f"{first} à {show(high)}"
    if low.value:
        return f"≥ {show(low)}"
    return f"≤ {show(high)}" if high.value else ""
