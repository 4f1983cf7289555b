"""Observations: results, measures, habits, pregnancies; plans and attached files."""

from permanence.interop.cda import codes
from permanence.interop.cda.collecting import Context, negated, status_code
from permanence.interop.cda.histories import PLANNED
from permanence.interop.cda.items import Attachment, Finding, Plan
from permanence.interop.cda.narrative import local
from permanence.interop.cda.reading import Element, between, has, statements
from permanence.interop.cda.values import Code, Quantity

_KINDS = {
    "lifestyle": "lifestyle",
    "work_risks": "lifestyle",
    "risks": "lifestyle",
    "measures": "measure",
    "pregnancy": "pregnancy",
    "results": "result",
}
_MAX_NESTING = 12


def read_group(context: Context, element: Element, *, group: str = "", depth: int = 0) -> None:
    """An organizer or act that holds observations, at any depth (batteries, clusters, isolates)."""
    reading = context.reading
    if has(element, codes.ATTACHED):
        read_attached(context, element)
        return
    code = reading.code(element.find("{*}code"))
    status_code(reading, element)
    when = element.find("{*}effectiveTime")
    reading.use_all(when)
    label = code.label or group
    context.author(element)
    found = False
    for relation in element.iterchildren("{*}component", "{*}entryRelationship"):
        for inner in statements(relation):
            found = True
            name = local(inner)
            if name == "observation":
                read_finding(context, inner, group=label, within=element)
            elif name in ("organizer", "act") and depth < _MAX_NESTING and not has(inner, codes.COMMENT):
                read_group(context, inner, group=label, depth=depth + 1)
            elif name == "observationMedia":
                read_media(context, inner)
    if not found:
        context.lost(element)


def read_finding(context: Context, element: Element, *, group: str = "", within: Element | None = None) -> None:
    """One observation: what was looked at, its value, its range, when."""
    reading = context.reading
    code = reading.code(element.find("{*}code"))
    text = context.text(element)
    values = [reading.value_text(e) for e in element.iterchildren("{*}value")]
    said = " ; ".join(t for t, _, _ in values if t)
    label = code.original or code.display or text or code.label
    if context.absence(next((c for _, _, c in values if c.code in codes.ABSENCES), Code()), element, label=label):
        return
    if not label and not said:
        context.lost(element)
        return
    if element.get("moodCode") in PLANNED:
        _plan(context, element, code, said or text or label)
        return
    when = reading.when(element.find("{*}effectiveTime"))
    if not when and within is not None:
        when = reading.when(within.find("{*}effectiveTime")) or when
    ranges, low, high = _ranges(context, element)
    above = [] if within is None or within.find("{*}id") is None else [within]
    common = context.common("finding", *above, element, label=label or said, content=f"{code.code} {when.iso} {said}")
    kind = _kind(context, element)
    if kind == "lifestyle":
        said = _habit(context, element, said, label, values)
    context.out.findings.append(
        Finding(
            **common,
            kind=kind,
            code=code,
            when=when,
            quantity=next((q for _, q, _ in values if q), Quantity()),
            value=said or (text if text != label else ""),
            value_code=next((c for _, _, c in values if c), Code()),
            ranges=ranges,
            low=low,
            high=high,
            interpretation=reading.code(element.find("{*}interpretationCode")),
            method=reading.code(element.find("{*}methodCode")).label,
            status=status_code(reading, element),
            group=group,
            negated=negated(element),
        )
    )
    _inside(context, element, label)


def _inside(context: Context, element: Element, group: str) -> None:
    """Observations related to an observation (an antibiogram under its germ, a detail under a habit)."""
    for inner in context.reading.related(element):
        if context.reading.used(inner) or has(inner, codes.COMMENT):
            continue
        if local(inner) == "observation":
            context.reading.use(inner)
            read_finding(context, inner, group=group, within=element)
        elif local(inner) == "organizer":
            context.reading.use(inner)
            read_group(context, inner, group=group)


def _kind(context: Context, element: Element) -> str:
    """By the entry's template, else by the section."""
    for known, kind in (
        (codes.VITAL_SIGN, "measure"),
        (codes.LIFESTYLE, "lifestyle"),
        (codes.PREGNANCY, "pregnancy"),
        (codes.LAB_RESULT, "result"),
    ):
        if has(element, known):
            return kind
    return _KINDS.get(context.kind, "other")


def _habit(context: Context, element: Element, said: str, label: str, values: list[tuple[str, Quantity, Code]]) -> str:
    """A habit's value: when the author's words only repeat the question, the code's label and the rest of the line."""
    row, text = context.row(element), context.text(element)
    if said in (label, text, ""):
        said = next((c.display for _, _, c in values if c.display), "")
    quantity = next((q for _, q, _ in values if q), Quantity())
    if row is None or (quantity and f"{quantity.value} {quantity.unit}" in row.text):
        return said
    beside = " · ".join(cell for _, cell in row.cells if cell not in ("", "-", label, text, said))
    return " · ".join(dict.fromkeys(part for part in (said, beside) if part))


def _ranges(context: Context, element: Element) -> tuple[tuple[str, ...], Quantity, Quantity]:
    """Reference ranges in words, and the first one's bounds."""
    reading, said = context.reading, []
    low = high = Quantity()
    for place in element.iterfind("{*}referenceRange/{*}observationRange"):
        value = place.find("{*}value")
        text = ""
        if value is not None:
            reading.use_all(value)
            bottom, top = reading.quantity(value.find("{*}low")), reading.quantity(value.find("{*}high"))
            text = between(bottom, top) or reading.value_text(value)[0]
            low, high = (low, high) if low or high else (bottom, top)
        text = reading.words(place.find("{*}text")) or text
        reading.use_all(place)
        said += [text] if text else []
    return tuple(dict.fromkeys(said)), low, high


def _plan(context: Context, element: Element, code: Code, label: str) -> None:
    reading = context.reading
    when = reading.when(element.find("{*}effectiveTime"))
    status_code(reading, element)
    context.out.plans.append(
        Plan(
            **context.common("plan", element, label=label, content=f"{code.code} {when.iso}"),
            kind=code.label,
            code=code,
            when=when,
            priority=reading.code(element.find("{*}priorityCode")).label,
        )
    )


def read_encounter(context: Context, element: Element) -> None:
    """A meeting: planned, or past."""
    reading = context.reading
    code = reading.code(element.find("{*}code"))
    label = context.text(element) or code.label
    if not label:
        context.lost(element)
        return
    status_code(reading, element)
    when = reading.when(element.find("{*}effectiveTime"))
    kind = "rendez-vous" if element.get("moodCode") in PLANNED else "venue"
    context.out.plans.append(
        Plan(
            **context.common("plan", element, label=label, content=f"{code.code} {when.iso}"),
            kind=kind,
            code=code,
            when=when,
            priority=reading.code(element.find("{*}priorityCode")).label,
        )
    )


def read_attached(context: Context, organizer: Element) -> None:
    """A file inside the document: it stays there, the original is kept whole."""
    label = (
        next(
            (c.label for o in organizer.iterfind("{*}component/{*}observation/{*}value") if (c := context.reading.code(o))),
            "",
        )
        or context.reading.code(organizer.find("{*}code")).label
    )
    medias = list(organizer.iterfind("{*}component/{*}observationMedia"))
    for media in medias:
        read_media(context, media, label=label)
    if medias:
        context.reading.use_all(organizer)
    else:
        context.lost(organizer)


def read_media(context: Context, element: Element, *, label: str = "") -> None:
    """One image or PDF in base64."""
    value = element.find("{*}value")
    encoded = len((value.text or "").strip()) if value is not None else 0
    kind = (value.get("mediaType") or "") if value is not None else ""
    context.out.attachments.append(
        Attachment(
            **context.common("attachment", element, label=label or kind or "pièce jointe", content=str(encoded)),
            media_type=kind,
            size=encoded * 3 // 4,
        )
    )
    context.reading.use_all(element)
