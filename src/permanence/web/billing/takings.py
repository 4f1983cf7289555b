"""The takings of a day: its acts, its totals, the cash counted; totals alone for the comptable."""

import datetime
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from permanence.accounts.permissions import can_administer, can_write, check_read, check_write, standing_of
from permanence.accounts.queries import member_names
from permanence.billing import actions, queries
from permanence.documents import catalogue
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib.dates import format_long, parse_date_fr
from permanence.patients import queries as patients
from permanence.web import jinja
from permanence.web.billing.forms import CashForm
from permanence.web.dossier.people import Person, person
from permanence.web.http import deliver, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.papers import making


@dataclass(frozen=True, slots=True)
class TakingLine:
    patient: Person | None
    row: queries.ActRow
    by: str
    url: str


@dataclass(frozen=True, slots=True)
class TakingsPage:
    title: str
    day: datetime.date
    before: str
    after: str
    lines: list[TakingLine]
    totals: queries.Totals
    whole: bool
    names_nobody: bool
    closings: list[queries.ClosingRow]
    counted_by: dict[UUID, str]
    may_close: bool
    print_url: str


@screen
def takings(request: HttpRequest) -> HttpResponse:
    """One day: what the reader may see of it."""
    return _page(request, CashForm())


def _page(request: HttpRequest, form: CashForm, *, status: int = 200) -> HttpResponse:
    reader, day = reader_of(request), _day(request)
    nobody = _counts_only(reader)
    whole = _whole(reader)
    if not (nobody or whole):
        check_write(reader.actor, Category.BILLING, new=True)  # who bills nothing has no takings
    lines = [] if nobody else _lines(day, reader)
    closings = queries.closings(day, reader=reader) if whole else []
    here = reverse("billing:takings")
    page = TakingsPage(
        format_long(day),
        day,
        f"{here}?jour={day - datetime.timedelta(days=1):%d/%m/%Y}",
        f"{here}?jour={day + datetime.timedelta(days=1):%d/%m/%Y}" if day < jinja.today() else "",
        lines,
        queries.totals(day, reader=reader) if nobody or whole else queries.sums([line.row for line in lines]),
        whole,
        nobody,
        closings,
        member_names({one.by_id for one in closings if one.by_id}),
        can_write(reader.actor, Category.BILLING) or can_administer(reader.actor),
        "" if nobody or not lines else f"{reverse('billing:statement')}?jour={day:%d/%m/%Y}",
    )
    return render(request, reader, "billing/takings.html", {"page": page, "form": form}, status=status)


def _day(request: HttpRequest) -> datetime.date:
    try:
        return parse_date_fr(request.GET.get("jour", "") or request.POST.get("jour", ""), today=jinja.today())
    except ValueError:
        return jinja.today()


def _counts_only(reader: Reader) -> bool:
    return str(standing_of(reader.actor.member).profession) == "comptable" if reader.actor.member else False


def _whole(reader: Reader) -> bool:
    """Whether this reader sees all of the practice's billing, or their own acts only."""
    try:
        check_read(reader, Category.BILLING)
    except Refused:
        return False
    return True


def _lines(day: datetime.date, reader: Reader) -> list[TakingLine]:
    rows = queries.acts_on(day, reader=reader)
    names = member_names({row.practitioner_id for row in rows if row.practitioner_id})
    shown = {row.patient: person(row) for row in patients.rows(list({row.patient for row in rows}), reader=reader)} if rows else {}
    return [
        TakingLine(
            shown.get(row.patient),
            row,
            names.get(row.practitioner_id, "") if row.practitioner_id else "",
            reverse("billing:act_new", args=(row.patient,)),
        )
        for row in rows
    ]


@require_POST
@screen
def close(request: HttpRequest) -> HttpResponse:
    """Keep what the drawer holds."""
    form, day = CashForm(request.POST), _day(request)
    if form.is_valid() and form.do(request, _closed, day=day, clean=form.cleaned_data):
        return go(request, "billing:takings", done="caisse", jour=f"{day:%d/%m/%Y}")
    return _page(request, form, status=422)


def _closed(*, by: Actor, day: datetime.date, clean: dict[str, Any]) -> UUID:
    return actions.close_cash(day, by=by, counted=queries.read_cents(clean["counted"]), note=clean["note"])


@screen
def statement(request: HttpRequest) -> HttpResponse:
    """The day's takings as a PDF."""
    reader, day = reader_of(request, leaving=Level.PRINTED), _day(request)
    lines = _lines(day, reader)
    if not lines:
        raise Refused("Aucun acte à imprimer pour ce jour\u00a0: choisissez-en un autre.", code="unknown")
    totals = queries.sums([line.row for line in lines])
    rows = [
        [
            jinja.time(line.row.recorded_at) if line.row.recorded_at else "",
            f"{line.patient.surname} {line.patient.given}" if line.patient else "",
            line.row.code,
            line.row.method_label,
            line.row.amount_text,
            line.row.paid_text,
        ]
        for line in lines
    ]
    facts = [*totals.methods, ("Tiers payant", totals.third_party), ("Payé ici", totals.paid), ("Total des actes", totals.amount)]
    pdf = making.statement(catalogue.get("releve"), reader, title=f"Recettes du {format_long(day)}", rows=rows, facts=facts)
    return deliver(request, reader, pdf, content_type="application/pdf", filename="releve.pdf", inline=True)
