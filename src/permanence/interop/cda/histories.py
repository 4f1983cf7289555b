"""Entries about what the patient has or had: problems, acts, allergies, family."""

import re

from permanence.interop.cda import codes
from permanence.interop.cda.collecting import Context, negated, status_code, status_of
from permanence.interop.cda.items import Absence, Allergy, FamilyHistory, Plan, Problem, Procedure
from permanence.interop.cda.narrative import local, words
from permanence.interop.cda.reading import Element, has, show, statements
from permanence.interop.cda.values import Code, Period
from permanence.lib.text import NBSP, fold

PLANNED = {"INT", "RQO", "PRP", "ARQ", "PRMS", "APT", "GOL"}
_NO_ALLERGY = re.compile(r"\b(aucune?|pas d|absence d|sans) ?(allergies?|intolerances?|hypersensibilites?)")


def read_concern(context: Context, act: Element) -> None:
    """A concern act holds one or more problems or allergies."""
    reading = context.reading
    status = status_code(reading, act)
    reading.use(act.find("{*}code"))
    period = reading.period(act.find("{*}effectiveTime"))
    found = False
    for observation in reading.related(act):
        if local(observation) != "observation" or has(observation, codes.STATUS | codes.SEVERITY):
            continue
        found = True
        if has(observation, codes.ALLERGY) or has(act, codes.ALLERGY_CONCERN) or context.kind == "allergies":
            read_allergy(context, act, observation, concern=status, concern_period=period)
        else:
            read_problem(context, act, observation, concern=status, concern_period=period)
    if not found:
        context.lost(act)


def read_problem(context: Context, *elements: Element, concern: str = "", concern_period: Period | None = None) -> None:
    """A problem observation, alone or inside its concern."""
    reading, observation = context.reading, elements[-1]
    kind = reading.code(observation.find("{*}code"))
    code = reading.code(observation.find("{*}value"))
    text = context.text(observation)
    label = code.label or text or _free_value(context, observation)
    if not label and kind.code not in ("", "282291009", "G-1009"):
        label, code = kind.label, kind
    if context.absence(code, *elements, label=label) or context.absence(kind, *elements, label=label):
        reading.use_all(observation.find("{*}effectiveTime"))
        return
    if not label:
        context.lost(observation)
        return
    own = reading.period(observation.find("{*}effectiveTime"))
    period = own if own.start or own.end or not concern_period else concern_period
    status_code(reading, observation)
    severity = " ; ".join(context.said(o) for o in context.inner(observation, codes.SEVERITY))
    status = _problem_status(context, context.status(observation), concern, bool(period.end))
    context.out.problems.append(
        Problem(
            **context.common("problem", *elements, label=label, content=f"{code.code} {period.start.iso}"),
            code=code,
            kind=kind.label,
            status=status,
            period=period,
            severity=severity,
            negated=negated(observation),
        )
    )


def _problem_status(context: Context, said: str, concern: str, ended: bool) -> str:
    """What is said of it wins; then the section of past illnesses; then the concern's state; then an end date."""
    if said:
        return "past" if said == "inactive" else "active"
    if context.kind == "past" or concern in ("completed", "aborted"):
        return "past"
    if concern in ("active", "suspended"):
        return "active"
    return "past" if ended else "active" if context.kind == "problems" else ""


def _free_value(context: Context, observation: Element) -> str:
    value = observation.find("{*}value")
    return context.reading.value_text(value)[0] if value is not None else ""


def read_procedure(context: Context, element: Element) -> None:
    """An act, done or planned."""
    reading = context.reading
    code = reading.code(element.find("{*}code"))
    text = context.text(element)
    label = text or code.label
    if context.absence(code, element, label=label):
        return
    if not label:
        context.lost(element)
        return
    status_code(reading, element)
    when = reading.when(element.find("{*}effectiveTime"))
    planned = element.get("moodCode") in PLANNED
    priority = reading.code(element.find("{*}priorityCode")).label
    site = " ; ".join(
        c.label for e in element.iterchildren("{*}targetSiteCode", "{*}approachSiteCode") if (c := reading.code(e))
    )
    common = context.common("plan" if planned else "procedure", element, label=label, content=f"{code.code} {when.iso}")
    if planned:
        context.out.plans.append(Plan(**common, kind="acte", code=code, when=when, priority=priority))
    else:
        context.out.procedures.append(
            Procedure(**common, code=code, when=when, reason=context.reason(element), site=site, negated=negated(element))
        )


def read_allergy(context: Context, *elements: Element, concern: str = "", concern_period: Period | None = None) -> None:
    """An allergy or intolerance: the agent is a participant, the value a description, reactions are related."""
    reading, observation = context.reading, elements[-1]
    kind = reading.code(observation.find("{*}code"))
    description = reading.code(observation.find("{*}value"))
    agent, agent_words = _agent(context, observation)
    text = context.text(observation)
    own = reading.period(observation.find("{*}effectiveTime"))
    reading.use_all(observation.find("{*}effectiveTime"))
    if any(context.absence(c, *elements) for c in (description, kind, agent) if c.code in codes.ABSENCES):
        return
    if negated(observation) or not (agent or agent_words or description or _only_text(text, kind)):
        _no_agent(context, elements, kind, text, denied=negated(observation))
        return
    reactions = tuple(r for o in reading.related(observation, "MFST", "CAUS") if (r := read_reaction(context, o)))
    severity = " ; ".join(context.said(o) for o in context.inner(observation, codes.SEVERITY, "SEV"))
    criticality = " ; ".join(context.said(o) for o in context.inner(observation, codes.CRITICALITY, "82606-5"))
    certainty = " ; ".join(context.said(o) for o in context.inner(observation, codes.CERTAINTY, "66455-7"))
    label = agent_words or agent.label or description.label or text
    status = _allergy_status(context, observation, concern, label)
    status_code(reading, observation)
    reactions = reactions or ((description.label,) if description.label and description.label != label else ())
    when = own.start or (concern_period.start if concern_period else own.start)
    context.out.allergies.append(
        Allergy(
            **context.common("allergy", *elements, label=label, content=agent.code),
            agent=agent,
            kind=kind,
            when=when,
            status=status,
            reactions=reactions,
            severity=severity,
            criticality=criticality,
            certainty=certainty,
        )
    )


def _allergy_status(context: Context, observation: Element, concern: str, label: str) -> str:
    """The coded state, unless the author's words say that it is alive: between the two, the careful one, and a warning."""
    coded = context.status(observation) or ("inactive" if concern in ("completed", "aborted") else "active")
    row = context.row(observation)
    written = row.under("statut") if row else ""
    if coded == "inactive" and status_of(Code(display=written)) == "active":
        context.reading.warn(
            f"Allergie ({label}){NBSP}: codée inactive, mais écrite «{NBSP}{written}{NBSP}». Elle est reprise "
            f"comme active{NBSP}; vérifier avec le patient."
        )
        return "active"
    return coded


def _only_text(text: str, kind: Code) -> str:
    """The observation's words, when they name something else than the type of allergy."""
    return "" if fold(text) in ("", fold(kind.label), fold(kind.display)) or _NO_ALLERGY.search(fold(text)) else text


def _no_agent(context: Context, elements: tuple[Element, ...], kind: Code, text: str, *, denied: bool) -> None:
    """An entry that names no agent: "none known" when it is denied or the section's words say so, else no information."""
    said = " ".join([text, *(row.text for row in context.rows)])
    known = denied or bool(_NO_ALLERGY.search(fold(said)))
    label = next((row.text for row in context.rows if _NO_ALLERGY.search(fold(row.text))), text or kind.label)
    context.out.absences.append(
        Absence(**context.common("absence", *elements, label=label), kind="allergies", known=known, code=kind)
    )


def _agent(context: Context, observation: Element) -> tuple[Code, str]:
    """The playing entity: its code and the author's words for it."""
    for participant in observation.iterchildren("{*}participant"):
        entity = participant.find("{*}participantRole/{*}playingEntity")
        if entity is None:
            continue
        code = context.reading.code(entity.find("{*}code"))
        name = entity.find("{*}name")
        said = code.original or (words(name) if name is not None else "") or code.label
        context.reading.use_all(name)
        if code or said:
            return code, said
    return Code(), ""


def read_reaction(context: Context, element: Element) -> str:
    """A reaction observation: its value in words."""
    value = context.reading.value_text(element.find("{*}value"))[0]
    said = value or context.text(element) or context.reading.code(element.find("{*}code")).label
    grade = " ; ".join(context.said(o) for o in context.inner(element, codes.SEVERITY, "SEV"))
    context.reading.use_all(element)
    return f"{said} ({grade})" if said and grade else said


def read_family(context: Context, organizer: Element) -> None:
    """A relative, and what they had."""
    reading = context.reading
    status_code(reading, organizer)
    subject = organizer.find("{*}subject/{*}relatedSubject")
    link = reading.code(subject.find("{*}code")) if subject is not None else Code()
    relation = link.original or codes.RELATIONS.get(link.code, "") or link.label
    reading.use_all(organizer.find("{*}subject"))
    found = False
    for component in organizer.iterchildren("{*}component"):
        for observation in statements(component):
            found = True
            read_family_member(context, organizer, observation, relation=relation)
    if not found:
        context.lost(organizer)


def read_family_member(context: Context, *elements: Element, relation: str) -> None:
    """One condition of one relative."""
    reading, observation = context.reading, elements[-1]
    kind = reading.code(observation.find("{*}code"))
    text, _, code = reading.value_text(observation.find("{*}value"))
    label = text or context.text(observation)
    if code.code in codes.ABSENCES and context.absence(code, *elements, label=label):
        return
    if not label:
        label, code = kind.label, kind
    if not label:
        context.lost(observation)
        return
    context.text(observation)
    status_code(reading, observation)
    age = ""
    for other in context.inner(observation, codes.AGE, "397659008", "445518008"):
        _, quantity, _ = reading.value_text(other.find("{*}value"))
        age = show(quantity) or context.said(other)
        reading.use_all(other)
    context.out.family.append(
        FamilyHistory(
            **context.common("family", *elements, label=label, content=f"{relation} {code.code}"),
            relation=relation,
            code=code,
            age=age,
            period=reading.period(observation.find("{*}effectiveTime")),
            negated=negated(observation),
        )
    )
