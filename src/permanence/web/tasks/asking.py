"""The dialogs that a key opens from anywhere: a new task, the phone pad, a message. They save without leaving the page."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from permanence.accounts.queries import member_names
from permanence.journal.doors import Reader
from permanence.patients import queries as patients
from permanence.tasks import actions, queries
from permanence.web.dossier.people import Person, people, person
from permanence.web.forms import Form
from permanence.web.http import go, reader_of, render, said, screen, uuid_of
from permanence.web.links import reverse
from permanence.web.tasks.forms import CallForm, MessageForm, TaskForm

MOST_FOUND = 6


@dataclass(frozen=True, slots=True)
class AskPage:
    """One of the dialogs, also a page of its own. `about` is the patient whom it is tied to."""

    title: str
    action: str
    button: str
    kind: str
    about: Person | None = None
    callers: str = ""
    said: str = ""
    found: tuple[Person, ...] = ()
    chosen: str = ""


@screen
def new(request: HttpRequest) -> HttpResponse:
    """« Nouvelle tâche ». On a patient's page it is tied to that patient."""
    reader = reader_of(request)
    about = _about(request, reader)
    form = TaskForm(request.POST or None, reader=reader)
    if request.method == "POST" and form.is_valid():
        task = form.do(request, actions.add_task, form.cleaned_data["text"], patient=form.cleaned_data["dossier"], **form.asked)
        if task:
            return _kept(request, "tache", reverse("tasks:cancel", args=(task,)))
    page = AskPage("Nouvelle tâche", reverse("tasks:new"), "Enregistrer", "task", about)
    return _answer(request, reader, page, form)


@screen
def call(request: HttpRequest) -> HttpResponse:
    """« Appel »: who called, about whom, what for, who calls back."""
    reader = reader_of(request)
    about = _about(request, reader)
    form = CallForm(request.POST or None, reader=reader, initial={"wish": "call", "caller": _name(about), "due_on": "aujourd’hui"})
    if request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        task = form.do(request, actions.take_call, caller=clean["caller"], phone=clean["phone"], text=clean["text"],
                       patient=clean["dossier"], call_back=clean["wish"] == "call", renewal=clean["wish"] == "renewal", **form.asked)
        if task:
            return _kept(request, "appel", reverse("tasks:cancel", args=(task,)))
    page = AskPage("Appel", reverse("tasks:call"), "Enregistrer l’appel", "call", about, reverse("tasks:callers"))
    return _answer(request, reader, page, form)


@screen
def callers(request: HttpRequest) -> HttpResponse:
    """The patients whom a caller's name or number finds, to be chosen; nothing is tied by itself. Rows count as listed."""
    reader, query = reader_of(request), request.GET.get("caller", "").strip()
    found = people(patients.search(query, reader=reader, limit=MOST_FOUND)) if len(query) > 1 else []
    page = AskPage("", "", "", "call", found=tuple(found), chosen=request.GET.get("dossier", ""))
    return render(request, reader, "tasks/callers.html", {"page": page}, fragment="callers")


@screen
def message(request: HttpRequest) -> HttpResponse:
    """A message to colleagues; with `reponse`, an answer to one."""
    reader = reader_of(request)
    about, answered = _about(request, reader), _answered(request, reader)
    sender = member_names([answered.sender]).get(answered.sender, "") if answered and answered.sender else ""
    form = MessageForm(request.POST or None, reader=reader, initial={"who": sender, "reponse": answered.id if answered else None})
    if request.method == "POST" and form.is_valid():
        to, role = form.cleaned_data["who"]
        sent = form.do(request, actions.send_message, form.cleaned_data["text"], to=[to] if to else [], role=role,
                       patient=form.cleaned_data["dossier"], reply_to=answered.id if answered else None)
        if sent:
            return _kept(request, "message", "", topic="messages")
    page = AskPage("Message", reverse("tasks:message"), "Envoyer", "message", about, said=answered.text if answered else "")
    return _answer(request, reader, page, form)


def _answered(request: HttpRequest, reader: Reader) -> queries.MessageRow | None:
    id = uuid_of(request.POST.get("reponse") or request.GET.get("reponse", ""))
    return queries.message(id, reader=reader) if id else None


def _about(request: HttpRequest, reader: Reader) -> Person | None:
    """The patient of the page where the key was pressed, or who was chosen; None for nobody, and for a file not open to this
    reader: what they may not see, they tie nothing to."""
    id = uuid_of(request.POST.get("dossier", "") if request.method == "POST" else request.GET.get("dossier", ""))
    answered = _answered(request, reader) if id is None and request.method == "GET" else None
    id = answered.patient if answered else id
    return next((person(row) for row in patients.rows([id], reader=reader, masked=False)), None) if id else None


def _name(about: Person | None) -> str:
    return f"{about.surname} {about.given}" if about else ""


def _answer(request: HttpRequest, reader: Reader, page: AskPage, form: Form) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, reader, "tasks/ask.html", {"page": page, "form": form}, fragment="form", status=status)


def _kept(request: HttpRequest, done: str, undo: str, *, topic: str = "tasks") -> HttpResponse:
    """The dialog closes over the page it was opened on; without htmx, back to one's own day."""
    return said(request, done, undo, topic=topic) if "HX-Request" in request.headers else go(request, "home:day", done=done)
