"""Recording an act and its payment from a file; its receipt, its sheet to copy, its cancellation."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts import queries as accounts
from permanence.accounts.permissions import can_write, check_write
from permanence.billing import actions, queries
from permanence.documents import actions as documents
from permanence.documents import catalogue
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Reader
from permanence.lib.dates import format_date
from permanence.web.billing.forms import ActForm
from permanence.web.dossier.banners import banner_of
from permanence.web.dossier.people import Banner
from permanence.web.http import act, deliver, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.papers import making


@dataclass(frozen=True, slots=True)
class ActLine:
    row: queries.ActRow
    by: str
    cancelled: bool
    receipt: str
    sheet: str
    cancel: str


@dataclass(frozen=True, slots=True)
class ActPage:
    banner: Banner
    fees: list[queries.Fee]
    source: str
    lines: list[ActLine]
    takings: str


@screen
def new(request: HttpRequest, patient: UUID) -> HttpResponse:
    """One page: the act to record, and those before."""
    reader = reader_of(request)
    check_write(reader.actor, Category.BILLING, new=True)
    choices = practitioners(reader)
    form = ActForm(choices, request.POST or None)
    if request.method == "POST" and form.is_valid() and form.do(request, record, patient, practitioners=choices, clean=form.cleaned_data):
        return go(request, "billing:act_new", patient, done="acte")
    fees, source = queries.fees()
    top = banner_of(patient, reader)
    page = ActPage(top, fees, source, _lines(patient, reader), reverse("billing:takings"))
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "billing/act.html", {"page": page, "form": form}, fragment="form", status=status)


def practitioners(reader: Reader) -> list[tuple[str, str]]:
    """Whose act it may be: oneself for a carer, any carer who bills for the desk."""
    me = reader.actor.member
    if not can_write(reader.actor, Category.BILLING, own=False):
        return [(str(me), accounts.member_names([me] if me else []).get(me, "") if me else "")]
    return [
        (str(one.id), one.name)
        for one in accounts.members(reader=reader)
        if one.profession != "secretaire" and can_write(Actor(one.id), Category.BILLING, new=True)
    ]


def record(patient: UUID, *, by: Actor, practitioners: list[tuple[str, str]], clean: dict[str, Any]) -> UUID:
    """Number and record. Raises Refused."""
    amount, third = queries.read_cents(clean["amount"]), queries.read_cents(clean["third_party"])
    who = UUID(clean.get("practitioner") or practitioners[0][0])
    if clean["method"] == "tiers" and not third:
        third = amount
    return actions.record_act(
        patient,
        by=by,
        practitioner=who,
        code=clean["code"],
        label=clean["label"],
        amount=amount,
        third_party=third,
        method=clean["method"],
        payer=clean["payer"],
        done_on=clean["done_on"],
        number=documents.take_number("recu", by=by),
    )


def _lines(patient: UUID, reader: Reader) -> list[ActLine]:
    rows = queries.acts_of(patient, reader=reader)
    names = accounts.member_names({row.practitioner_id for row in rows if row.practitioner_id})
    gone = {row.cancels_id for row in rows}
    return [_line(row, names, gone, reader.actor) for row in rows]


def _line(row: queries.ActRow, names: dict[UUID, str], gone: set[UUID | None], by: Actor) -> ActLine:
    here = (row.patient, row.id)
    stands = row.cancels_id is None and row.id not in gone
    mine = row.practitioner_id == by.member
    return ActLine(
        row,
        names.get(row.practitioner_id, "") if row.practitioner_id else "",
        row.id in gone,
        reverse("billing:receipt", args=here) if stands else "",
        reverse("billing:sheet", args=here) if stands else "",
        reverse("billing:cancel", args=here) if stands and can_write(by, Category.BILLING, own=mine) else "",
    )


@require_POST
@screen
def cancel(request: HttpRequest, patient: UUID, paid: UUID) -> HttpResponse:
    """Cancel an act by a counter-entry."""
    reason = request.POST.get("reason", "")
    act(request, _cancelled, paid, reason=reason)
    return go(request, "billing:act_new", patient, done="acte_annule")


def _cancelled(paid: UUID, *, by: Actor, reason: str) -> UUID:
    return actions.cancel_act(paid, by=by, number=documents.take_number("recu", by=by), reason=reason)


@screen
def receipt(request: HttpRequest, patient: UUID, paid: UUID) -> HttpResponse:
    """The receipt of an act, to hand over."""
    return _printed(request, paid, "recu")


@screen
def sheet(request: HttpRequest, patient: UUID, paid: UUID) -> HttpResponse:
    """What to copy on the state's feuille de soins."""
    return _printed(request, paid, "feuille")


def _printed(request: HttpRequest, paid: UUID, template: str) -> HttpResponse:
    reader = reader_of(request, leaving=Level.PRINTED)
    row = queries.act(paid, reader=reader)
    known = making.about(row.patient, reader)
    facts = _receipt_facts(row) if template == "recu" else _sheet_facts(row, known)
    pdf = making.paper(catalogue.get(template), known, reader, number=row.number, facts=facts, writer=row.practitioner_id)
    return deliver(request, reader, pdf, content_type="application/pdf", filename=f"{template}.pdf", inline=True)


def _receipt_facts(row: queries.ActRow) -> list[tuple[str, str]]:
    facts = [
        ("Date de l’acte", format_date(row.done_on)),
        ("Acte", " — ".join(part for part in (row.code, row.label) if part)),
        ("Montant de l’acte", row.amount_text),
        ("Pris en charge en tiers payant", row.third_party_text),
        ("Somme reçue", row.paid_text),
        ("Payé par", row.payer),
        ("Moyen de paiement", row.method_label),
    ]
    return [(label, value) for label, value in facts if value]


def _sheet_facts(row: queries.ActRow, known: making.About) -> list[tuple[str, str]]:
    facts = [
        ("Personne recevant les soins", known.name),
        ("Date de naissance", known.birth),
        ("Numéro d’immatriculation", known.ins or "à recopier de la carte Vitale"),
        ("Date de l’acte", format_date(row.done_on)),
        ("Code de l’acte", row.code),
        ("Honoraires facturés", row.amount_text),
        ("L’assuré n’a pas payé la part obligatoire ou complémentaire", row.third_party_text or "non"),
        ("Payé par l’assuré", row.paid_text),
    ]
    return [(label, value) for label, value in facts if value]


