"""« Listes de rappel »: the search over the practice by criteria, a kept list asked again, its export."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from permanence.accounts.permissions import can_write
from permanence.consultations import queries
from permanence.consultations.queries import Criteria, RecallListRow
from permanence.interop.moving import saying
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Reader
from permanence.lib.text import plural
from permanence.web.dossier.people import Person, person
from permanence.web.http import deliver, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.panel.forms import CallForm, CriteriaForm, KeepForm

MOST_EXPORTED = 500


@dataclass(frozen=True, slots=True)
class Line:
    person: Person
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the criteria find, in words and in rows."""

    count: str
    said: str
    lines: list[Line]
    more: str
    shut: str
    by_words: bool


@dataclass(frozen=True, slots=True)
class KeptLine:
    url: str
    name: str
    said: str
    whose: str


@dataclass(frozen=True, slots=True)
class PanelPage:
    title: str
    lists: list[KeptLine]
    found: Found | None
    kept: bool
    export: str
    remove: str


@screen
def search(request: HttpRequest, recall: UUID | None = None) -> HttpResponse:
    """The form, then who answers. A kept list is asked again each time it is opened."""
    reader = reader_of(request)
    lists = queries.recall_lists(reader=reader)
    kept = queries.recall_list(recall, reader=reader) if recall else None
    form = CriteriaForm(request.POST or None, initial=kept.criteria.kept() if kept else {"months": 6})
    criteria = form.criteria if request.method == "POST" and form.is_valid() else kept.criteria if kept and not form.is_bound else None
    keeps = criteria is not None and kept is None and can_write(reader.actor, Category.HISTORY, new=True)
    context = {
        "page": _page(lists, kept, found_by(criteria, reader) if criteria else None),
        "form": form,
        "keep": KeepForm(initial=criteria.kept()) if criteria and keeps else None,
        "call": CallForm(initial={"text": "Appeler pour prendre rendez-vous"}),
    }
    return render(request, reader, "panel/search.html", context, fragment="found", status=422 if form.errors else 200)


def _page(lists: list[RecallListRow], kept: RecallListRow | None, found: Found | None) -> PanelPage:
    shown = [
        KeptLine(reverse("panel:list", args=(one.id,)), one.name, one.said, "Partagée" if one.shared else "Pour vous") for one in lists
    ]
    return PanelPage(
        kept.name if kept else "Listes de rappel",
        shown,
        found,
        kept is not None,
        reverse("panel:export", args=(kept.id,)) if kept else "",
        reverse("panel:remove", args=(kept.id,)) if kept and kept.mine else "",
    )


def found_by(criteria: Criteria, reader: Reader) -> Found:
    panel = queries.find(criteria, reader=reader)
    beyond = panel.total - len(panel.matches)
    return Found(
        plural(panel.total, "patient"),
        queries.said_criteria(criteria),
        [Line(person(one.row), " · ".join(one.why)) for one in panel.matches],
        f"Les {len(panel.matches)} premiers par le nom\u202f; {beyond} de plus ne sont que comptés." if beyond else "",
        _shut(panel.shut),
        bool(criteria.history or criteria.treatment or criteria.missing),
    )


def _shut(count: int) -> str:
    """Said of who has these traits of identity: never whether the rest would have matched."""
    if not count:
        return ""
    them = "ne vous est pas ouvert" if count == 1 else "ne vous sont pas ouverts"
    return f"{plural(count, 'dossier')} de même identité {them}\u00a0: rien de ce qui y est écrit n’a été regardé, ni compté."


@screen
def export(request: HttpRequest, recall: UUID) -> HttpResponse:
    """A kept list as a table for a spreadsheet."""
    reader = reader_of(request, leaving=Level.EXPORTED)
    kept = queries.recall_list(recall, reader=reader)
    panel = queries.find(kept.criteria, reader=reader, most=MOST_EXPORTED)
    rows = [(one.row.name, one.row.birth, one.row.age, " · ".join(one.why)) for one in panel.matches]
    table = saying.table(("Patient", "Naissance", "Âge", "Motif"), rows)
    return deliver(request, reader, table, content_type="text/csv; charset=utf-8", filename="liste-de-rappel.csv", inline=False)
