"""Patients whose every value is a token found nowhere else, written through the rooms' own actions, under the real site."""

import datetime
import itertools
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.urls import clear_url_caches

from permanence.accounts import actions as accounts
from permanence.accounts import sessions
from permanence.agenda import actions as agenda
from permanence.agenda import times
from permanence.billing import actions as billing
from permanence.capabilities import actions as capabilities
from permanence.consultations import actions as clinical
from permanence.continuity import actions as forms
from permanence.continuity import queries as continuity
from permanence.continuity.actions import log_copy
from permanence.documents import actions as documents
from permanence.handover import actions as handover
from permanence.handover.models import Annotation
from permanence.interop import actions as interop
from permanence.interop.models import Issue
from permanence.journal import heads, vault, writer
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader
from permanence.lib import clock, sqlcipher
from permanence.patients import actions as patients
from permanence.prescriptions import actions as prescriptions
from permanence.sync import actions as sync
from permanence.sync.actions.carrying import Counts
from permanence.tasks import actions as tasks
from permanence.web import jinja
from tests.cast import recruit
from tests.conftest import _named
from tests.interop import building
from tests.proof.tools import ORIGIN, RP_ID

_LETTERS = "bcdfghjklmnpqrstvwxz"  # no vowel, so no French word; « q » after « z » is found in no icon and no address
C = Category


@dataclass(frozen=True)
class Token:
    """A value that stands for (patient, category, object). `object` None: a value of the whole file."""

    text: str
    patient: UUID
    category: Category
    object: UUID | None = None


@dataclass
class Practice:
    """What was planted: every token, and the ids with which to fill the addresses of the screens."""

    cast: Mapping[str, Actor]
    tokens: dict[str, Token] = field(default_factory=dict)
    files: dict[UUID, dict[str, list[UUID]]] = field(default_factory=dict)  # patient -> name of the argument -> ids
    names: dict[UUID, str] = field(default_factory=dict)
    apart: dict[str, list[UUID]] = field(default_factory=dict)  # members, posts, sessions, passkeys
    ordinary: list[UUID] = field(default_factory=list)  # files in which nothing is reserved to anybody
    merged: UUID = field(default=UUID(int=0))  # the kept one of two files of one person
    tied: set[tuple[UUID, UUID]] = field(default_factory=set)  # family links, both ways
    made: Iterator[int] = field(default_factory=lambda: itertools.count(4_000))
    figures: list[str] = field(default_factory=list)  # the tokens that are no word of ours, as they are compared

    def word(self) -> str:
        """Eleven letters that no word, address or random value of a page has: a fixed walk over 20**9 of them."""
        number, letters = next(self.made) * 39_916_801 % len(_LETTERS) ** 9, ""
        for _ in range(9):
            number, place = divmod(number, len(_LETTERS))
            letters += _LETTERS[place]
        return f"Zq{letters}"

    def keep(self, text: str, patient: UUID, category: Category, object: UUID | None = None) -> None:
        key = text if MEASURE.fullmatch(text) else comparable(text)
        assert key not in self.tokens, text
        self.tokens[key] = Token(text, patient, category, object)
        if not WORD.fullmatch(key) and "," not in key:
            self.figures.append(key)

    def tokens_in(self, text: str) -> list[Token]:
        """Every token in these words, however grouped or capitalised; a measure as it is written, for five figures alone could
        be part of an id."""
        seen, written = comparable(text), set(MEASURE.findall(text))
        figures = (key for key in self.figures if key in seen)
        words = (word for word in (*WORD.findall(seen), *written) if word in self.tokens)
        return [self.tokens[key] for key in {*words, *figures}]

    def add(self, patient: UUID, name: str, id: UUID) -> UUID:
        self.files.setdefault(patient, {}).setdefault(name, []).append(id)
        return id


MEASURE = re.compile(r"(?<![\d,])\d{2},\d{3}(?![\d,])")
WORD = re.compile("zq[" + _LETTERS + "]{9}")


MADE_UP = "kind,sex,month,l,m,s\nhead,F,0,1,34,0.03\nhead,F,12,1,46,0.03\n"  # growth curves of nobody


_UNLIKE = bytes(set(range(128)) - set(b"0123456789abcdefghijklmnopqrstuvwxyz@"))


def comparable(text: str) -> str:
    """Letters and figures only, small: how a screen groups or capitalises a value does not hide it."""
    return text.casefold().encode("ascii", "ignore").translate(None, _UNLIKE).decode()


def nir(number: int) -> str:
    """A well-formed number of the month and place of nobody's birth: 13 figures and the key."""
    body = f"2580799{number:06}"
    return body + f"{97 - int(body) % 97:02}"


class Planter:
    """Plants one patient's tokens category by category, each through its own action."""

    def __init__(self, practice: Practice, by: Actor) -> None:
        self.practice, self.by = practice, by
        self.patient = UUID(int=0)

    def fields(self, category: Category, names: str, object: UUID | None = None) -> dict[str, str]:
        """A new token for each named field; call `kept` once the object's id is known."""
        return {name: self.practice.word() for name in names.split()}

    def kept(self, fields: Mapping[str, str], category: Category, object: UUID | None = None) -> None:
        for text in fields.values():
            self.practice.keep(text, self.patient, category, object)

    def register(self, **more: Any) -> UUID:
        traits = self.fields(C.IDENTITY, "birth_name first_given_name used_name used_given_name birth_place_label")
        self.patient = patients.register(by=self.by, birth_date=datetime.date(1958, 7, 14), birth_sex="F", despite=True,
                                         given_names=traits["first_given_name"], **traits, **more)
        self.practice.files[self.patient] = {}
        self.practice.names[self.patient] = traits["used_name"]
        self.kept(traits, C.IDENTITY)
        return self.patient

    def sheet(self, number: int) -> None:
        """Everything else of the identity sheet, and the people around."""
        national, social = {"nir": nir(number)}, self.fields(C.SOCIAL_RIGHTS, "regime caisse mutuelle")
        contact = {**self.fields(C.CONTACT, "address city"), "mobile": f"06{number:08}", "phone": f"02{number:08}",
                   "email": f"{self.practice.word()}@exemple.fr"}
        text = self.fields(C.ADMINISTRATIVE_TEXT, "administrative_text")
        patients.amend_identity(self.patient, by=self.by, changes={**national, **social, **contact, **text})
        doctor = self.fields(C.IDENTITY, "outside")
        patients.set_medecin_traitant(self.patient, by=self.by, **doctor)
        ald = self.fields(C.HISTORY, "text")
        patients.set_ald(self.patient, by=self.by, ald=True, **ald)
        for fields, category in ((national, C.NATIONAL_ID), (social, C.SOCIAL_RIGHTS), (contact, C.CONTACT),
                                 (text, C.ADMINISTRATIVE_TEXT), (doctor, C.IDENTITY), (ald, C.HISTORY)):
            self.kept(fields, category)
        person = self.fields(C.CONTACT, "name relation note email")
        self.practice.add(self.patient, "contact", patients.add_contact(self.patient, by=self.by, role="a_prevenir", **person))
        self.kept(person, C.CONTACT)

    def lines(self, **flags: bool) -> None:
        """One line of each clinical kind."""
        for kind, category, names, more, add in (
                ("history", C.HISTORY, "label note", {"start": "2014"}, clinical.add_history),
                ("history", C.HISTORY, "label", {"active": False}, clinical.add_history),
                ("allergy", C.ALLERGIES, "substance reaction note", {}, clinical.add_allergy),
                ("treatment", C.TREATMENTS, "dci label posology note", {}, clinical.add_treatment),
                ("treatment", C.TREATMENTS, "dci label", {"end": "2020"}, clinical.add_treatment),
                ("vaccination", C.VACCINATIONS, "vaccine lot site", {"given": "2019"}, clinical.add_vaccination)):
            fields = self.fields(category, names)
            line = add(self.patient, by=self.by, fields={**fields, **more, **flags})
            self.kept(fields, category, self.practice.add(self.patient, kind, line))
        text = self.fields(C.PRIVATE_NOTES, "text")
        line = clinical.add_private_note(self.patient, by=self.by, **text)
        self.kept(text, C.PRIVATE_NOTES, self.practice.add(self.patient, "private_note", line))

    def measure(self, number: int, **flags: bool) -> None:
        """A weight of so many grams: its figures are the token."""
        line = clinical.add_measure(self.patient, by=self.by, loinc="29463-7", values=[("29463-7", number, 3)], **flags)
        self.practice.add(self.patient, "measure", line)
        self.practice.keep(f"{number // 1000},{number % 1000:03}", self.patient, C.MEASURES, line)

    def note(self, *, by: Actor | None = None, **flags: bool) -> UUID:
        fields = self.fields(C.NOTES, "motif text")
        note = clinical.sign_note(self.patient, by=by or self.by, fields=fields, **flags)
        self.kept(fields, C.NOTES, self.practice.add(self.patient, "note", note))
        return note

    def soap(self) -> UUID:
        fields = self.fields(C.NOTES, "motif subjective objective assessment plan")
        note = clinical.sign_note(self.patient, by=self.by, fields=fields)
        self.kept(fields, C.NOTES, self.practice.add(self.patient, "note", note))
        return note

    def amended(self, note: UUID) -> None:
        fields = self.fields(C.NOTES, "text")
        id = clinical.amend_note(note, by=self.by, fields=fields)
        self.kept(fields, C.NOTES, self.practice.add(self.patient, "note", id))

    def draft(self, by: Actor) -> None:
        fields = self.fields(C.NOTES, "motif text")
        id = clinical.save_draft(self.patient, by=by, payload={"kind": "consultation", **fields})["draft"]
        self.kept(fields, C.NOTES, self.practice.add(self.patient, "draft", id))

    def document(self, **flags: bool) -> None:
        """A text of which title, author, name and every word are tokens; a result that came with it."""
        said = self.fields(C.DOCUMENTS, "title author_text")
        words, name = self.practice.word(), self.practice.word()
        id = documents.keep_original(self.patient, f"Lu : {words}.\n".encode(), by=self.by, mime="text/plain",
                                     file_name=f"{name}.txt", origin="scan", **said, **flags)
        self.practice.add(self.patient, "document", id)
        self.kept({**said, "words": words, "name": name}, C.DOCUMENTS, id)
        found = self.fields(C.RESULTS, "label value_text reference performer unit")
        [line] = documents.add_results(self.patient, by=self.by, document=id, results=[
            {"loinc": f"{next(self.practice.made)}-1", "at": clock.now(), **found, **flags}])  # type: ignore[typeddict-item]
        self.kept(found, C.RESULTS, line)


    def papers(self, **flags: bool) -> None:
        """A signed ordonnance and a signed letter, of which every word and the file are tokens; one being typed."""
        said, pdf, number = self.fields(C.PRESCRIPTIONS, "text long_term_text title"), self.practice.word(), self.practice.word()
        id = prescriptions.sign_prescription(self.patient, by=self.by, pdf=f"%PDF- {pdf}".encode(), template="bizone", number=number,
                                             **said, **flags)
        self.practice.add(self.patient, "paper", id)
        self.practice.apart.setdefault("paper", []).append(id)
        self.kept({**said, "pdf": pdf, "number": number}, C.PRESCRIPTIONS, id)
        said, pdf, number = self.fields(C.DOCUMENTS, "text recipient title"), self.practice.word(), self.practice.word()
        id = documents.sign_letter(self.patient, by=self.by, pdf=f"%PDF- {pdf}".encode(), template="adressage", number=number,
                                   **said, **flags)
        self.practice.add(self.patient, "paper", id)
        self.kept({**said, "pdf": pdf, "number": number}, C.DOCUMENTS, id)
        said = self.fields(C.BILLING, "label payer")
        act = billing.record_act(self.patient, by=self.by, practitioner=self.by.member, code="G", amount=3000, method="carte",
                                 number=(number := self.practice.word()), **said)
        self.practice.add(self.patient, "paid", act)
        self.kept({**said, "number": number}, C.BILLING, act)
        typed = self.fields(C.PRESCRIPTIONS, "text")
        draft = documents.save_draft(self.patient, by=self.by, family="demande", payload={"template": "biologie", **typed})["draft"]
        self.kept(typed, C.PRESCRIPTIONS, draft)


@contextmanager
def real_site(template: Path, blocker: Any, folder: Path, keys: vault.Vault) -> Iterator[Practice]:
    """Real files with real commits, as the `live` fixture, for a whole module: a planted practice, the real site above it."""
    for name in ("practice.db", "access.db"):
        (folder / name).write_bytes((template / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch, blocker.unblock(), _named(folder):
        for name, value in (("PERMANENCE_ORIGIN", ORIGIN), ("PERMANENCE_RP_ID", RP_ID), ("PERMANENCE_CONSOLE_ORIGIN", "")):
            patch.setattr(settings, name, value)
        patch.setattr(sqlcipher._thread, "aliases", frozenset(), raising=False)
        clear_url_caches()
        logging.disable(logging.CRITICAL)  # every refusal is a warning
        vault.use(replace(keys, folder=folder))
        heads.forget()
        sessions.forget()
        try:
            yield plant(recruit())
        finally:
            writer.shutdown()
            vault.use(None)
            logging.disable(logging.NOTSET)
            sessions.forget()


def plant(cast: Mapping[str, Actor]) -> Practice:
    """Six files: two ordinary ones tied as a family, a protected one, one with sensitive items, two that are merged."""
    found, doctor = Practice(cast), cast["moreau"]
    numbers = iter(range(11_000, 99_000, 7))
    planters = [_whole(found, doctor, numbers) for _ in range(2)]
    found.ordinary = [planter.patient for planter in planters]
    _family(found, planters, doctor)
    _reserved(found, doctor, cast, numbers)
    _merged(found, doctor, numbers)
    _moved(found, planters, doctor)
    _imported(found, doctor)
    found.apart["member"] = [actor.member for actor in cast.values() if actor.member]
    found.apart["post"] = [_post(doctor)]
    found.apart["passkey"] = [uuid4()]
    found.apart["slot"] = [uuid4()]
    found.apart["snippet"] = [clinical.add_snippet(by=doctor, trigger="hta", text="Auscultation {précision}", shared=True)]
    made_up = {"name": "Essai", "published": "2026", "licence": "inventée", "table": MADE_UP}
    found.apart["reference"] = [clinical.keep_growth_reference(by=doctor, **made_up)]
    found.apart["recall"] = [clinical.keep_recall_list(by=doctor, name="Femmes", criteria={"sex": "F"}, shared=True)]
    _booked(found, doctor)
    found.apart["copy"] = [_ordered_kit(doctor)]
    _forms_out(found, doctor)
    found.apart["choice"] = [uuid4()]
    found.apart["code"] = [uuid4()]
    _moved_in(found, doctor)
    found.apart["consent"] = [uuid4()]
    found.apart["switch"] = [_night_closing(doctor)]
    found.apart["exercise"] = [forms.note_list(checks=[("Le kit est là", True, "")], by=doctor)]
    found.apart["machine"] = [sync.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=bytes(32), box=bytes(32),
                                                     by=Actor.machine("sync"))]  # fmt: skip
    found.apart["carried"] = [uuid4()]
    sync.record_carried(found.apart["carried"][0], Counts(entries=214, to_settle=3, whole=True), out=False, replica=None,
                        member=doctor.member)  # fmt: skip
    found.apart["task"], found.apart["message"] = _asked(found, doctor)
    _handed_over(found, doctor, cast["petit"])
    return found


def _handed_over(found: Practice, by: Actor, deputy: Actor) -> None:
    """A replacement that ends today: a sentence before it, a return note with one after it, about the first file."""
    assert by.member is not None
    about, day = found.ordinary[0], times.bounds(jinja.today())
    period = agenda.be_away(by=by, practitioner=by.member, start=day[0] - datetime.timedelta(days=3), end=day[1],
                            replacement=deputy.member)
    told, said, motif = (found.word() for _ in range(3))
    found.keep(told, about, C.NOTES, handover.choose(period, about, by=by, text=told))
    note = clinical.sign_note(about, by=deputy, fields={"motif": motif})
    found.keep(motif, about, C.NOTES, found.add(about, "note", note))
    signed = handover.sign(period, by=deputy, texts={about: said}, despite_drafts=True)
    found.keep(said, about, C.NOTES, Annotation.objects.values_list("id", flat=True).get(handover_id=signed))
    found.apart["replacement"], found.apart["handover"] = [period], [signed]


def _forms_out(found: Practice, by: Actor) -> None:
    """A form of that kit scanned and waiting; another typed into the merged file, one of its words a token."""
    (_, one), (_, other), *_ = continuity.numbers_of(found.apart["copy"][0])
    found.apart["sheet"], motif, patient = [continuity.form_id(one)], found.word(), found.merged
    found.apart["scan"] = forms.keep_scans([(f"PERMANENCE/1/note/{one}", b"\xff\xd8\xff planted")], by=by)
    note = forms.catch_up_note(patient, by=by, number=other, written_at=clock.now(), fields={"motif": motif})
    found.keep(motif, patient, C.NOTES, found.add(patient, "note", note))
    for each in found.files.values():
        each["sheet"] = found.apart["sheet"]


def _night_closing(by: Actor) -> UUID:
    """A closing by hours that begins next month: a page to open it from, and nothing that is off today."""
    return capabilities.switch(by=by, capability="agenda", state="read_only", reason="Essai", overridable=True,
                               starts_at=clock.now() + datetime.timedelta(days=30), schedule={"days": [0], "from": 1320, "to": 420})


def _ordered_kit(by: Actor) -> UUID:
    """Sheets of the next days, in the log."""
    first, last, patients = continuity.expected(reader=Reader(by, []), made_at=clock.now())
    return log_copy(by=by, medium="paper", first_day=first, last_day=last, patients=patients)


def _moved_in(found: Practice, by: Actor) -> None:
    """A table with one row that cannot be read: its run, and what waits for a person."""
    mover = interop.Mover(interop.of_upload("liste.csv", "Nom;Prénom;Date de naissance\nROUX;Zoé;31/02/1990\n".encode()), by=by)
    list(mover.go())
    assert mover.report.run_id is not None
    found.apart["run"] = [mover.report.run_id]
    found.apart["issue"] = list(Issue.objects.values_list("id", flat=True))


def _whole(found: Practice, by: Actor, numbers: Iterator[int]) -> Planter:
    one = Planter(found, by)
    one.register()
    one.sheet(next(numbers))
    one.lines()
    one.measure(60_000 + next(numbers) % 9_000)
    one.note()
    one.amended(one.soap())
    one.document()
    one.draft(by)
    one.draft(found.cast["benali"])
    one.note(by=found.cast["benali"])
    one.papers()
    return one


def _family(found: Practice, planters: list[Planter], by: Actor) -> None:
    one, other = (planter.patient for planter in planters)
    patients.link(one, by=by, other=other, relation="fratrie")
    found.tied |= {(one, other), (other, one)}
    found.add(one, "opposition", patients.object_to_sharing(one, by=by, profession="kine"))


def _reserved(found: Practice, by: Actor, cast: Mapping[str, Actor], numbers: Iterator[int]) -> None:
    closed = _whole(found, by, numbers)
    patients.set_medecin_traitant(closed.patient, by=cast["sophie"], member=by.member)
    patients.set_protection(closed.patient, by=by, kind="staff")
    mixed = Planter(found, by)
    mixed.register()
    mixed.lines(sensitive=True)
    mixed.measure(70_000 + next(numbers) % 9_000, sensitive=True)
    mixed.note(sensitive=True)
    mixed.note(minor_secret=True)
    mixed.document(sensitive=True)
    mixed.papers(sensitive=True)
    mixed.note(by=cast["hugo"])


def _merged(found: Practice, by: Actor, numbers: Iterator[int]) -> None:
    kept, other = Planter(found, by), Planter(found, by)
    for one in (kept, other):
        one.register()
        one.sheet(next(numbers))
        one.lines()
        one.note()
        one.document()
    found.merged, reason = kept.patient, kept.fields(C.IDENTITY, "reason")
    found.add(kept.patient, "alias", patients.merge(kept.patient, by=by, merged=other.patient, **reason))
    kept.kept(reason, C.IDENTITY)


def _moved(found: Practice, planters: list[Planter], by: Actor) -> None:
    """A note written in the wrong file: its words are the right file's now, the wrong one only knows that it left."""
    wrong, right = planters
    fields = wrong.fields(C.NOTES, "motif text")
    note = clinical.sign_note(wrong.patient, by=by, fields=fields)
    moved = clinical.move_note(note, by=by, to=right.patient)
    right.kept(fields, C.NOTES, right.practice.add(right.patient, "note", moved))
    found.add(wrong.patient, "note", note)


def _imported(found: Practice, by: Actor) -> None:
    """A summary whose one problem is a token: it is in the history, in the report of the import and in the document."""
    word = found.word()
    report = interop.import_vsm(building.summary(problem_label=word), "volet.xml", by=by)
    assert report.patient is not None
    assert report.import_id is not None
    assert report.document is not None
    found.keep(word, report.patient, C.HISTORY)
    found.keep("VERNET-DUMAS", report.patient, C.IDENTITY)
    found.keep("Teinturerie pendant vingt ans", report.patient, C.HISTORY)
    found.files.setdefault(report.patient, {})
    found.add(report.patient, "report", report.import_id)
    found.add(report.patient, "document", report.document)


def _booked(found: Practice, by: Actor) -> None:
    """Today's and tomorrow's appointments of the two ordinary files, with a reason and a note of their own."""
    assert by.member is not None
    agenda.save_type(by=by, name="Suivi")
    for number, patient in enumerate(found.ordinary):
        words = {name: found.word() for name in ("reason", "note", "place")}
        start = times.instant(jinja.today() + datetime.timedelta(days=number), 23 * 60 + 30)  # that day, however late it is
        made, place = agenda.book(patient, by=by, practitioner=by.member, start=start, **words), found.word()
        for text in words.values():
            found.keep(text, patient, C.APPOINTMENTS, made)
        found.apart.setdefault("appointment", []).append(made)
        found.apart["practitioner"] = [by.member]
        visit = agenda.add_visit(patient, by=by, day=jinja.today() + datetime.timedelta(days=1), place=place)
        found.keep(place, patient, C.APPOINTMENTS, visit)
    agenda.set_status(found.apart["appointment"][0], by=by, status="arrived")


def _asked(found: Practice, by: Actor) -> tuple[list[UUID], list[UUID]]:
    """A call about a patient for the secretary, a task about nobody, messages both ways: whose they are is not the file's matter."""
    about, secretary = found.ordinary[0], found.cast["sophie"]
    call = {name: found.word() for name in ("caller", "text")}
    tasks_made = [tasks.take_call(by=by, patient=about, to=secretary.member, **call)]
    messages = []
    for sender, to in ((by, secretary), (secretary, by)):
        text, own = found.word(), found.word()
        assert to.member is not None
        messages.append(tasks.send_message(text, by=sender, to=[to.member], patient=about))
        found.keep(text, about, C.MESSAGES, messages[-1])
        tasks_made.append(tasks.add_task(own, by=sender, to=to.member, patient=about))
        found.keep(own, about, C.TASKS, tasks_made[-1])
    for word in call.values():
        found.keep(word, about, C.TASKS, tasks_made[0])
    tasks_made.append(tasks.add_task("Commander des draps", by=by))
    return tasks_made, messages


def _post(by: Actor) -> UUID:
    code = accounts.invite_post(name="Accueil", by=by).code
    post = accounts.enrol_post(code, token_hash=bytes(32), thumbprint="t", public_key={}, by=Actor.machine("sign_in"))
    accounts.approve_post(post, by=by)
    return post
