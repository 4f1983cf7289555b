"""Every way by which words enter a practice, one function each, tried with planted strings. A new room adds its lines here.

A way gets the `Scene` and takes its strings from it; what it is refused is one more way (refusals may quote what was typed).
"""

import logging
import os
import uuid
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from django.db import models, transaction

from permanence.accounts import actions as accounts
from permanence.consultations import actions as consultations
from permanence.consultations.actions.lines import LINES
from permanence.consultations.actions.notes import TEXTS
from permanence.documents import actions as documents
from permanence.interop.actions import import_vsm
from permanence.journal import access, gates
from permanence.journal import actions as journal
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, Refused
from permanence.patients import actions as patients
from permanence.patients import queries as patient_queries
from permanence.patients.models import Patient
from tests.faults.canaries import Planted
from tests.interop import building
from tests.testapp import actions as plain

Way = Callable[["Scene"], object]
WAYS: list[Way] = []
log = logging.getLogger("permanence.tests")


@dataclass(slots=True)
class Scene:
    """One round: its own patient, written to by a doctor who founded the practice."""

    plant: Planted
    by: Actor
    patient: UUID = field(default_factory=uuid4)
    made: dict[str, UUID] = field(default_factory=dict)

    def texts(self, model: type[models.Model], *skip: str, only: Iterable[str] | None = None) -> dict[str, str]:
        """A planted string for each free text of a model, short enough for its column."""
        return {column.attname: self.plant.word(column.max_length) for column in model._meta.concrete_fields
                if isinstance(column, models.CharField | models.TextField) and not column.choices
                and (column.max_length or 99) >= Planted.SHORTEST and column.attname not in skip
                and (only is None or column.attname in only)}


def way(function: Way) -> Way:
    WAYS.append(function)
    return function


def refused(call: Callable[[], object]) -> None:
    """Whatever the door answers, its words go to the log as a careless caller would send them."""
    try:
        call()
    except Refused as error:
        log.warning("refused", exc_info=error)
    except (ValueError, TypeError, LookupError) as error:
        log.warning("failed", exc_info=error)


# -- patients


@way
def a_patient(scene: Scene) -> None:
    known = patients.AMENDABLE - {"birth_sex", "birth_date_text", "birth_place_insee", "nir", "mobile", "phone"}
    scene.patient = patients.register(**scene.texts(Patient, only=known), mobile=scene.plant.phone(), by=scene.by,
                                      phone=scene.plant.phone(), despite=True)


@way
def a_patient_amended(scene: Scene) -> None:
    changes = scene.texts(Patient, only=("used_name", "address", "administrative_text", "email"))
    patients.amend_identity(scene.patient, by=scene.by, changes=changes)
    patients.set_ald(scene.patient, by=scene.by, ald=True, text=scene.plant.word())
    patients.set_medecin_traitant(scene.patient, by=scene.by, outside=scene.plant.word())


@way
def people_around(scene: Scene) -> None:
    patients.add_contact(scene.patient, by=scene.by, role="confiance", name=scene.plant.word(), relation=scene.plant.word(),
                         phone_number=scene.plant.phone(), email=scene.plant.word(), note=scene.plant.word())


@way
def a_merge(scene: Scene) -> None:
    other = patients.register(birth_name=scene.plant.word(), by=scene.by, despite=True)
    patients.merge(scene.patient, by=scene.by, merged=other, reason=scene.plant.word())


@way
def a_refused_identity(scene: Scene) -> None:
    refused(lambda: patients.register(birth_name=scene.plant.word(), nir=scene.plant.word(), by=scene.by))
    refused(lambda: patients.amend_identity(scene.patient, by=scene.by, changes={scene.plant.word(): "x"}))


@way
def searches(scene: Scene) -> None:
    for typed in (scene.plant.word(), scene.plant.phone()):
        reader = Reader(scene.by, [gates.Open()], reason=scene.plant.word(), route=scene.plant.word(), proof="p")
        patient_queries.search(typed, reader=reader)
        reader.admit([scene.patient], [Category.IDENTITY])
        access.submit(reader.close()).wait()


# -- consultations


@way
def drafts(scene: Scene) -> None:
    kept = consultations.save_draft(scene.patient, by=scene.by, payload={name: scene.plant.word() for name in TEXTS})
    consultations.save_draft(scene.patient, by=scene.by, payload={"text": scene.plant.word()}, draft=kept["draft"],
                             version=kept["version"])
    gone = consultations.save_draft(scene.patient, by=scene.by, payload={"text": scene.plant.word()})
    consultations.discard_draft(gone["draft"], by=scene.by)


@way
def notes(scene: Scene) -> None:
    note = consultations.sign_note(scene.patient, by=scene.by, fields={name: scene.plant.word() for name in TEXTS})
    consultations.amend_note(note, by=scene.by, fields={"text": scene.plant.word()})
    other = patients.register(birth_name=scene.plant.word(), by=scene.by, despite=True)
    wrong = consultations.sign_note(scene.patient, by=scene.by, fields={"text": scene.plant.word()})
    consultations.move_note(wrong, by=scene.by, to=other)


@way
def lines(scene: Scene) -> None:
    """Every line of the synthesis, by its model: a new field is planted without being named here."""
    skip = ("external_key", "cim10", "kind", "severity", "source", "start", "end", "since", "given", "expiry", "unit")
    for name, model in LINES.items():
        if name not in ("measure", "private_note"):
            add = getattr(consultations, f"add_{name}")
            line = add(scene.patient, by=scene.by, fields=scene.texts(model, *skip))
            consultations.remove_line(name, line, by=scene.by)
    consultations.add_private_note(scene.patient, by=scene.by, text=scene.plant.word())


@way
def what_a_line_refuses(scene: Scene) -> None:
    patient, by, word = scene.patient, scene.by, scene.plant.word
    refused(lambda: consultations.sign_note(patient, by=by, fields={"text": "x"}, measures_line=word()))
    refused(lambda: consultations.add_history(patient, by=by, fields={"label": "x", "cim10": word()}))
    refused(lambda: consultations.add_history(patient, by=by, fields={"label": "x", "start": word()}))


# -- documents and imports


@way
def originals(scene: Scene) -> None:
    words = scene.plant.word()
    for data in (words.encode(), scene.plant.word().encode("utf-16-le"), b"%PDF-1.7 " + scene.plant.word().encode() * 50):
        documents.keep_original(scene.patient, data, by=scene.by, title=scene.plant.word(), mime="text/plain",
                                file_name=f"{scene.plant.word()}.txt", author_text=scene.plant.word())
    documents.keep_refused(scene.plant.word().encode(), by=scene.by, file_name=f"{scene.plant.word()}.xml",
                           reason=scene.plant.word())


@way
def results(scene: Scene) -> None:
    documents.add_results(scene.patient, by=scene.by, results=[{
        "label": scene.plant.word(), "value_text": scene.plant.word(), "reference": scene.plant.word(),
        "performer": scene.plant.word()}])


@way
def an_import(scene: Scene) -> None:
    """A summary whose patient and words are planted: a new file, and the document itself kept."""
    content = building.summary().decode()
    for known in ("ROUSSEL", "Hypertension artérielle"):
        content = content.replace(known, scene.plant.word())
    import_vsm(content.encode(), f"{scene.plant.word()}.xml", by=scene.by)


@way
def imports(scene: Scene) -> None:
    """Refused, each for its own reason; the original and its name are kept aside."""
    word = scene.plant.word
    for content in (f"<!DOCTYPE a [<!ENTITY x '{word()}'>]><a>&x;{word()}</a>", f"<ClinicalDocument><{word()}>",
                    f"<a>{word()}</a>", word()):
        refused(lambda content=content: import_vsm(content.encode(), f"{word()}.xml", by=scene.by))  # type: ignore[misc]


# -- accounts


@way
def members_and_posts(scene: Scene) -> None:
    invited = accounts.invite_member(family_name=scene.plant.word(), given_name=scene.plant.word(), profession="ide",
                                     status="salarie", sites=[scene.plant.word()], by=scene.by)
    accounts.accept_invitation(invited.code, credential_id=os.urandom(20), public_key=b"k", rp_id="cabinet.example",
                               label=scene.plant.word(), by=Actor.machine("sign_in"))
    post = accounts.invite_post(name=scene.plant.word(), by=scene.by)
    accounts.enrol_post(post.code, token_hash=os.urandom(32), thumbprint=uuid.uuid4().hex, public_key={"kty": "EC"},
                        name=scene.plant.word(), by=Actor.machine("sign_in"))
    refused(lambda: accounts.accept_invitation(scene.plant.word(), credential_id=b"c", public_key=b"k", rp_id="x",
                                               by=Actor.machine("sign_in")))


# -- the journal itself, logs, memory


@way
def access_notes(scene: Scene) -> None:
    access.note("access.session", scene.by, {"device": scene.plant.word()}).wait()


@way
def erased_and_pruned(scene: Scene) -> None:
    person = plain.register(by=scene.by, family=scene.plant.word(), given=scene.plant.word())
    note = plain.write_note(person, scene.plant.word() * 3, by=scene.by)
    journal.prune(note, by=scene.by)
    journal.erase(person, by=scene.by)


@way
def errors(scene: Scene) -> None:
    """An action that fails with words in its message, a hook that fails after COMMIT, careless lines in the log."""
    def fail(words: str) -> None:
        raise ValueError(words)

    def hooked(words: str) -> None:
        transaction.on_commit(lambda: fail(words))

    word = scene.plant.word
    refused(lambda: plain.call(lambda: fail(word()), by=scene.by))
    plain.call(lambda: hooked(word()), by=scene.by)
    log.warning("a constant: %s", word(), extra={"patient": word(), "route": f"/{word()}", "name_": word()})
    logging.getLogger("django.request").error("Internal Server Error: %s", f"/{word()}", extra={"request": word()})
    logging.getLogger("some.library").error(word())
    try:
        try:
            fail(word())
        except ValueError as first:
            raise RuntimeError(word()) from first
    except RuntimeError:
        log.exception("chained")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(word(), stacklevel=1)


@way
def a_long_transaction(scene: Scene) -> None:
    """More than the page cache holds, so that pages leave memory before COMMIT; then as much, rolled back."""
    if scene.made.setdefault("long", uuid4()) and len(scene.plant.words) > 200:
        return
    person = plain.register(by=scene.by, family=scene.plant.word())
    plain.write_note(person, f"{scene.plant.word()} " * 200_000, by=scene.by)

    def much(words: str) -> None:
        for _ in range(40):
            plain.write_note(person, f"{words} " * 8000, by=scene.by)
        raise ValueError(words)

    refused(lambda: plain.call(lambda: much(scene.plant.word()), by=scene.by))
