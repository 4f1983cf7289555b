"""Entries about products: medicines, vaccines, devices."""

import re

from permanence.interop.cda import codes
from permanence.interop.cda.collecting import Context, negated, status_code
from permanence.interop.cda.histories import PLANNED, read_reaction
from permanence.interop.cda.items import Device, Treatment, Vaccination
from permanence.interop.cda.narrative import Row, local, words
from permanence.interop.cda.reading import XSI_TYPE, Element, Reading, has, show
from permanence.interop.cda.values import Code, Period
from permanence.lib.text import NBSP, fold

_COUNT = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:cp|cpr|comp|comprimes?|gel|gelules?|caps?)\b[^/\d]{0,20}(?:/|par)\s*(?:j|jour|24 ?h)\b"
)


def read_treatment(context: Context, element: Element) -> None:
    """A medicine taken, prescribed or administered."""
    reading = context.reading
    product, name = _product(reading, element)
    text = context.text(element)
    if _is_absence(context, element, product, text):
        return
    label = product.original or name or product.display or text or product.label
    if not label:
        context.lost(element)
        return
    period, frequency = _times(reading, element)
    dose = reading.quantity_text(element.find("{*}doseQuantity"))
    for inner in reading.related(element, "COMP"):
        if local(inner) == "substanceAdministration":
            dose, frequency = _step(context, inner, dose, frequency)
    row = context.row(element)
    written = _written(row) or ("" if fold(text) in fold(label) else text)
    conflict = _differs(context, label, written, dose, element)
    common = context.common("treatment", element, label=label, content=f"{product.code} {period.start.iso}")
    context.out.treatments.append(
        Treatment(
            **common,
            code=product,
            period=period,
            dose=dose,
            frequency=frequency,
            written=written,
            route=reading.code(element.find("{*}routeCode")).label or (row.under("voie") if row else ""),
            reason=context.reason(element),
            instructions=_instructions(context, element),
            max_dose=" ; ".join(t for e in element.iterchildren("{*}maxDoseQuantity") if (t := reading.quantity_text(e))),
            rate=reading.quantity_text(element.find("{*}rateQuantity")),
            status=_state(context, element),
            conflict=conflict,
            planned=element.get("moodCode") in PLANNED,
            negated=negated(element),
        )
    )


def _state(context: Context, element: Element) -> str:
    """Stopped, suspended, administered, or nothing: a completed entry does not end the treatment itself (IHE PCC)."""
    code = status_code(context.reading, element)
    if code in ("aborted", "cancelled", "nullified", "obsolete"):
        return "stopped"
    if code in ("suspended", "held"):
        return "suspended"
    return "administered" if context.code == "18610-6" or re.search("arret", fold(context.title)) else ""


def _is_absence(context: Context, element: Element, product: Code, text: str) -> bool:
    """Whether the entry says "no treatment", "no vaccination", as its act's or its product's code; recorded then."""
    kind = context.reading.code(element.find("{*}code"))
    found = any(context.absence(c, element, label=text or c.label) for c in (kind, product) if c.code in codes.ABSENCES)
    if found:
        context.reading.use_all(element)
    return found


def _product(reading: Reading, element: Element) -> tuple[Code, str]:
    """The product's code and its name."""
    product = element.find("{*}consumable/{*}manufacturedProduct")
    material = (
        next(product.iterchildren("{*}manufacturedMaterial", "{*}manufacturedLabeledDrug"), None)
        if product is not None
        else None
    )
    if material is None:
        return Code(), ""
    code = reading.code(material.find("{*}code"))
    name = material.find("{*}name")
    reading.use_all(name)
    for generic in material.iterfind("{*}asSpecializedKind/{*}generalizedMedicineClass/{*}code"):
        other = reading.code(generic)
        if other and not code.in_system(other.system):
            code = Code(
                code.code,
                code.system,
                code.system_name,
                code.display,
                code.original,
                code.null_flavor,
                (*code.translations, other),
                code.qualifiers,
            )
    return code, words(name) if name is not None else ""


def _times(reading: Reading, element: Element) -> tuple[Period, str]:
    """The treatment's duration, and its rhythm in words."""
    period, rhythm = Period(), []
    for time in element.iterchildren("{*}effectiveTime"):
        found, said = _time(reading, time)
        period = found if (found.start or found.end) and not (period.start or period.end) else period
        rhythm += [said] if said else []
    return period, ", ".join(dict.fromkeys(rhythm))


def _time(reading: Reading, time: Element) -> tuple[Period, str]:
    """One element of a GTS: an interval, a frequency, a meal time, or a set of them."""
    kind = (time.get(XSI_TYPE) or "").rpartition(":")[2]
    reading.use(time)
    if kind == "SXPR_TS" or time.find("{*}comp") is not None:
        parts = [_time(reading, comp) for comp in time.iterchildren("{*}comp")]
        period = next((p for p, _ in parts if p.start or p.end), Period())
        width = next(
            (show(reading.quantity(w)) for comp in time.iterchildren("{*}comp") for w in comp.iterchildren("{*}width")), ""
        )
        said = ", ".join(s for _, s in parts if s)
        return period, f"{said} pendant {width}" if said and width else said
    if time.find("{*}period") is not None or kind == "PIVL_TS":
        return Period(), _rhythm(reading, time)
    if time.find("{*}event") is not None:
        event = time.find("{*}event")
        reading.use(event)
        said = codes.MEAL_TIMES.get((event.get("code") or "") if event is not None else "", "")
        offset = time.find("{*}offset")
        return Period(), said + (f" ({reading.quantity_text(offset)})" if offset is not None else "")
    width = time.find("{*}width")
    return reading.period(time), f"pendant {show(reading.quantity(width))}" if width is not None and kind != "IVL_TS" else ""


def _rhythm(reading: Reading, time: Element) -> str:
    """« toutes les 6 heures », « 1 fois par jour »: the author's words when they are there."""
    period = time.find("{*}period")
    if period is None:
        return ""
    said = " ".join(t for e in period.iter("{*}originalText") if (t := reading.words(e)))
    quantity = reading.quantity(period)
    reading.use_all(period)
    reading.use_all(time.find("{*}phase"))
    if said or not quantity.value:
        return said
    if quantity.value in ("1", "1.0") and quantity.unit in codes.TIME_UNITS:
        return f"1 fois par {codes.TIME_UNITS[quantity.unit][0]}"
    every = "tous les" if quantity.unit in ("d", "mo", "a") else "toutes les"
    return f"{every} {show(quantity)}"


def _step(context: Context, inner: Element, dose: str, frequency: str) -> tuple[str, str]:
    """One step of a changing posology (doses progressives): added to the words of the whole."""
    reading = context.reading
    period, rhythm = _times(reading, inner)
    amount = reading.quantity_text(inner.find("{*}doseQuantity"))
    rate = reading.quantity_text(inner.find("{*}rateQuantity"))
    dates = f"du {period.start.said}" if period.start else ""
    said = " ".join(part for part in (amount, rhythm, dates, f"({rate})" if rate else "", context.text(inner)) if part)
    reading.use_all(inner)
    return dose, f"{frequency} ; {said}" if frequency and said else frequency or said


def _written(row: Row | None) -> str:
    """The posology as its author wrote it in the section's table."""
    if row is None:
        return ""
    if posology := row.under("posologie"):
        return posology
    return ", ".join(dict.fromkeys(cell for cell in (row.under("dose"), row.under("frequence")) if cell))


def _differs(context: Context, label: str, written: str, dose: str, element: Element) -> bool:
    """Warn when words and coded entry give different amounts a day (CDA R2: the words are what was attested)."""
    said = _COUNT.search(re.sub(r"[^0-9a-z/,.]+", " ", fold_slash(written)))
    amount = element.find("{*}doseQuantity")
    period = next((p for t in element.iterchildren("{*}effectiveTime") if (p := t.find("{*}period")) is not None), None)
    if not said or amount is None or period is None:
        return False
    low = amount.find("{*}low")
    once = (amount.get("value") or (low.get("value") if low is not None else "") or "").strip()
    hours = {"h": 1.0, "d": 24.0, "min": 1 / 60}.get(period.get("unit") or "")
    try:
        coded = float(once) * 24 / (float(period.get("value") or "") * (hours or 0.0))
    except (ValueError, ZeroDivisionError):
        return False
    if abs(coded - float(said[1].replace(",", "."))) > 0.01 and coded < 1000:
        context.reading.warn(
            f"{label}{NBSP}: la posologie écrite («{NBSP}{written}{NBSP}») et la posologie codée ({dose or once}, "
            f"{_rhythm(context.reading, period_parent(period))}) ne disent pas la même chose. Le texte est repris{NBSP}; "
            "vérifier avec le patient ou l’auteur."
        )
        return True
    return False


def period_parent(period: Element) -> Element:
    """The time that a period belongs to."""
    parent = period.getparent()
    return period if parent is None else parent


def fold_slash(text: str) -> str:
    """Folded, with the slash and the decimal mark kept: « 1 cp/j »."""
    return "".join(fold(part) if part not in "/,." else part for part in re.split(r"([/,.])", text.casefold()))


def _instructions(context: Context, element: Element) -> str:
    """To the patient, to the pharmacist."""
    said = []
    for act in context.inner(element, codes.INSTRUCTIONS):
        said.append(context.text(act) or context.reading.code(act.find("{*}code")).label)
        context.reading.use_all(act)
    return " ; ".join(dict.fromkeys(s for s in said if s))


def read_vaccination(context: Context, element: Element) -> None:
    """An injection done, refused or not done."""
    reading = context.reading
    kind = reading.code(element.find("{*}code"))
    product, name = _product(reading, element)
    text = context.text(element)
    if _is_absence(context, element, product, text):
        return
    label = product.original or product.display or name or text or product.label
    if not label and kind.code not in ("", "IMMUNIZ", "INITIMMUNIZ", "BOOSTER"):
        label, product = kind.label, kind
    if not label:
        context.lost(element)
        return
    lots = [words(e) for e in element.iter("{*}lotNumberText")]
    for e in element.iter("{*}lotNumberText"):
        reading.use_all(e)
    when, _ = _times(reading, element)
    reactions = tuple(r for o in reading.related(element, "CAUS", "MFST") if (r := read_reaction(context, o)))
    rank = next((context.said(o) for o in context.inner(element, codes.RANK, "30973-2")), "")
    common = context.common("vaccination", element, label=label, content=f"{product.code} {when.start.iso}")
    context.out.vaccinations.append(
        Vaccination(
            **common,
            code=product,
            when=when.start or when.end,
            lot=next((lot for lot in lots if lot), ""),
            rank=rank,
            route=reading.code(element.find("{*}routeCode")).label,
            site=reading.code(element.find("{*}approachSiteCode")).label,
            dose=reading.quantity_text(element.find("{*}doseQuantity")),
            reactions=reactions,
            diseases=_diseases(context, element),
            given=not negated(element) and status_code(reading, element) not in ("cancelled", "aborted", "nullified"),
            reason=context.reason(element),
            performer=common["author"],
        )
    )


def _diseases(context: Context, element: Element) -> tuple[str, ...]:
    """What it protects against, where the entry says so (observation of the disease, LOINC 30980-7)."""
    return tuple(
        s
        for o in context.inner(element, {"1.2.250.1.213.1.1.3.46", "1.2.250.1.213.1.1.3.179"}, "30980-7", "59781-5")
        if (s := context.said(o))
    )


def read_device(context: Context, element: Element) -> None:
    """A device: its kind, its identifier, since when."""
    reading = context.reading
    role = element.find("{*}participant/{*}participantRole")
    device = role.find("{*}playingDevice") if role is not None else None
    code = reading.code(device.find("{*}code")) if device is not None else reading.code(element.find("{*}code"))
    if context.absence(code, element):
        return
    text = context.text(element)
    names = (
        [words(e) for e in device.iterchildren("{*}manufacturerModelName", "{*}softwareName")] if device is not None else []
    )
    label = code.original or code.label or text or next(iter(names), "")
    if not label:
        context.lost(element)
        return
    if device is not None:
        reading.use_all(device)
    status_code(reading, element)
    identifier = next(
        (
            i.extension or i.root
            for e in (role if role is not None else element).iterchildren("{*}id")
            if (i := reading.id(e))
        ),
        "",
    )
    context.out.devices.append(
        Device(
            **context.common("device", element, label=label, content=code.code),
            code=code,
            identifier=identifier,
            period=reading.period(element.find("{*}effectiveTime")),
        )
    )


__all__ = ["has", "read_device", "read_treatment", "read_vaccination"]
