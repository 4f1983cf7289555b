"""The forms of one patient: what may be typed and in which words. What is allowed is decided by the doors."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from permanence.accounts.permissions import can_write
from permanence.consultations.growth import Extent
from permanence.consultations.queries import read_reference
from permanence.journal.categories import Category
from permanence.journal.doors import Actor
from permanence.lib.text import parse_number_fr
from permanence.patients.actions import CONTACT_ROLES
from permanence.patients.queries import DIRECTIVES, read_term
from permanence.web import presenters
from permanence.web.forms import LONGEST, Area, Choices, Day, Form, PartialDay, Pick, Text, Tick, Upload

DOSE = re.compile(r"([\d   .,]+)[   ]*([^\d   ].*)")

SEXES: Choices = [("F", "Féminin"), ("M", "Masculin"), ("U", "Indéterminé")]
PROTECTIONS: Choices = [
    ("", "Dossier ouvert à l’équipe de soins"),
    ("staff", "Protégé\u00a0: membre du cabinet"),
    ("relative", "Protégé\u00a0: proche d’un membre"),
    ("known_person", "Protégé\u00a0: personne connue"),
]


class Traits(Form):
    """The strict traits of identity (RNIV) and the names in use."""

    birth_name = Text("Nom de naissance", required=True, upper=True)
    given_names = Text("Prénoms de naissance", help_text="Tous, dans l’ordre de la pièce d’identité")
    birth_date = Day("Date de naissance")
    birth_sex = Pick("Sexe", SEXES)
    birth_place_label = Text("Lieu de naissance")
    birth_place_insee = Text("Code INSEE", max_length=5, help_text="99999 si inconnu")
    used_name = Text("Nom utilisé", upper=True, help_text="S’il diffère du nom de naissance")
    used_given_name = Text("Prénom utilisé")


class CreatePatient(Traits):
    """A new file: traits, and what the reader's profession lets them write of the rest."""

    mobile = Text("Téléphone mobile", max_length=40)
    email = Text("Adresse électronique")
    address = Text("Adresse", max_length=400)
    postal_code = Text("Code postal", max_length=10)
    city = Text("Ville")
    nir = Text("Numéro de sécurité sociale", max_length=25, help_text="13 chiffres et la clé, celui de l’assuré")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["birth_sex"].initial = ""
        closed = [] if can_write(actor, Category.CONTACT) else ["mobile", "email", "address", "postal_code", "city"]
        closed += [] if can_write(actor, Category.NATIONAL_ID) else ["nir"]
        for name in closed:
            del self.fields[name]


class EditIdentity(Traits):
    """The whole sheet; each part only for who may write it. `proof` names the document that was looked at."""

    proof = Pick("Pièce vérifiée", [], required=False, help_text="Changer un trait sans pièce rend l’identité provisoire")
    mobile = Text("Téléphone mobile", max_length=40)
    phone = Text("Téléphone fixe", max_length=40)
    email = Text("Adresse électronique")
    address = Area("Adresse")
    postal_code = Text("Code postal", max_length=10)
    city = Text("Ville")
    nir = Text("Numéro de sécurité sociale", max_length=25)
    regime = Text("Régime")
    caisse = Text("Caisse")
    mutuelle = Text("Complémentaire")
    c2s = Tick("Complémentaire santé solidaire (C2S)")
    administrative_text = Area("Note administrative", help_text="Jamais d’information de santé ici\u00a0: le secrétariat la lit")
    medecin_traitant = Pick("Médecin traitant", [], required=False)
    medecin_traitant_text = Text("Médecin traitant hors du cabinet")


class FactsForm(Form):
    """What the patient has said. Names are those of the door's fields but `birth_term`, typed in weeks and days."""

    interpreter_language = Text("Interprète nécessaire", max_length=60, help_text="La langue\u00a0: turc, LSF… Vide si aucun")
    contact_consent = Pick("Accepte d’être écrit ou rappelé", [("", "Non demandé"), ("oui", "Oui"), ("non", "Non")], required=False)
    contact_consent_on = Day("Recueilli le")
    address_at_risk = Tick("Adresse à protéger", help_text="Ne la donner à personne, famille comprise")
    directives = Pick("Directives anticipées", list(DIRECTIVES.items()), required=False)
    directives_on = PartialDay("Rédigées le")
    directives_where = Text("Où les trouver", help_text="Mon espace santé, chez sa fille, au dossier…")
    research_objection = Tick("S’oppose à l’usage de ses données pour la recherche")
    research_objection_on = Day("Opposition le")
    birth_term = Text("Terme de naissance", max_length=20, help_text="En semaines d’aménorrhée\u00a0: 32+4")

    def clean_birth_term(self) -> int | None:
        try:
            return read_term(self.cleaned_data["birth_term"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class ContactForm(Form):
    role = Pick("Rôle", list(CONTACT_ROLES.items()))
    name = Text("Nom et prénom", required=True)
    relation = Text("Lien avec le patient", help_text="Mère, fils, voisin…")
    phone = Text("Téléphone", max_length=40)
    email = Text("Adresse électronique")
    note = Text("Précision")


class ProtectionForm(Form):
    kind = Pick("Protection", PROTECTIONS, required=False)
    sensitive = Tick("Dossier sensible", help_text="Seuls le médecin traitant et les personnes nommées le lisent")


class OppositionForm(Form):
    against = Pick("Le patient s’oppose au partage avec", [])


class MergeForm(Form):
    reason = Text("Raison", help_text="Double création, nom d’usage…")


class HistoryForm(Form):
    """One item of history. Names are those of the door's fields."""

    label = Text("Antécédent ou problème", required=True)
    cim10 = Text("Code CIM-10", max_length=10, help_text="Par exemple E11.9")
    kind = Pick("Type", list(presenters.HISTORY_KINDS.items()))
    relation = Text("De qui", max_length=60, help_text="Pour un antécédent familial\u00a0: mère, frère…")
    start = PartialDay("Depuis")
    end = PartialDay("Jusqu’à")
    active = Tick("Problème actif", help_text="Décocher pour le ranger parmi les antécédents passés")
    note = Area("Précisions")
    sensitive = Tick("Sensible\u00a0: auteur et médecin traitant seulement")
    minor_secret = Tick("Secret du mineur")


class AllergyForm(Form):
    """One allergy or intolerance."""

    substance = Text("Substance", required=True)
    reaction = Text("Réaction", help_text="Urticaire, choc anaphylactique…")
    severity = Pick("Gravité", list(presenters.SEVERITIES.items()), required=False)
    since = PartialDay("Date")
    note = Area("Précisions")


class TreatmentForm(Form):
    """A medicine taken, typed by hand. The dose is typed in one go: « 2,5 mg »."""

    dci = Text("Médicament (DCI)", required=True, help_text="metformine, amlodipine…")
    label = Text("Nom de marque")
    dose = Text("Dose par prise", max_length=60, help_text="850 mg, 75 microgrammes, 10 unités")
    form = Text("Forme", max_length=60, help_text="comprimé, gélule, collyre…")
    posology = Text("Posologie", help_text="matin et soir\u202f; le matin à jeun")
    route = Text("Voie", max_length=60)
    start = PartialDay("Depuis")
    end = PartialDay("Jusqu’à", help_text="Vide pour un traitement au long cours")
    source = Pick("Origine", list(presenters.TREATMENT_SOURCES.items()))
    prescriber = Text("Prescripteur", help_text="Quand il est prescrit ailleurs")
    note = Area("Précisions")

    def clean_dose(self) -> dict[str, object] | None:
        """{value, scale, unit}, or None. A dose without a unit is asked again: it has no meaning."""
        typed = self.cleaned_data["dose"]
        if not typed:
            return None
        found = DOSE.fullmatch(typed)
        if found is None:
            raise forms.ValidationError("Écrire un nombre et une unité, par exemple 2,5 mg.")
        try:
            value, scale = parse_number_fr(found[1])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return {"value": value, "scale": scale, "unit": found[2].strip()}


class StopForm(Form):
    """The end of a treatment, with its reason."""

    reason = Text("Raison de l’arrêt", required=True, help_text="Inefficace, intolérance, fin de traitement…")
    on = PartialDay("Arrêté le", help_text="Aujourd’hui si vide")


class VaccinationForm(Form):
    """A vaccine given, here or elsewhere."""

    vaccine = Text("Vaccin", required=True, help_text="Nom ou valence\u00a0: dTcaPolio, Grippe, Priorix…")
    targets = Text("Maladies visées")
    given = PartialDay("Date", required=True)
    rank = Text("Rang d’injection", max_length=2)
    lot = Text("Lot", max_length=40)
    expiry = PartialDay("Péremption")
    site = Text("Site d’injection", help_text="deltoïde gauche")
    given_by_text = Text("Fait par", help_text="Vide si c’est vous")
    next_due = Day("Prochain rappel", past=False)
    code = Text("Produit", max_length=40)
    serial = Text("Numéro de série", max_length=20)

    def clean_rank(self) -> int | None:
        typed = self.cleaned_data["rank"]
        if typed and not typed.isdecimal():
            raise forms.ValidationError("Un nombre de 1 à 20.")
        return int(typed) if typed else None


class MeasuresForm(Form):
    """A line as doctors type it."""

    line = Text("Mesures", required=True, max_length=300, help_text="TA 148/86 P 82 T 176 FC 72 SpO2 98 Temp 37,2")
    taken_on = Day("Mesurées le", help_text="Aujourd’hui si vide")


class NoteForm(Form):
    """A note: motif, free text or S/O/A/P, measures on one line, codes."""

    kind = Pick("Type", list(presenters.NOTE_KINDS.items()))
    motif = Text("Motif")
    text = Area("Note")
    subjective = Area("Subjectif")
    objective = Area("Objectif")
    assessment = Area("Analyse")
    plan = Area("Plan")
    measures = Text("Mesures", max_length=300)
    codes = Text("Codes CIM-10", max_length=120)
    at = Day("Date de la consultation")
    sensitive = Tick("Sensible")
    minor_secret = Tick("Secret du mineur")


class SnippetForm(Form):
    """A text and the word that inserts it."""

    trigger = Text("Raccourci", required=True, max_length=21, help_text="Un mot, sans accent\u00a0: hta, lombalgie, exam-normal")
    label = Text("Titre", max_length=80, help_text="Ce que la liste montre\u202f; le mot seul si vide")
    text = Area("Texte à insérer", required=True, help_text="Jamais le nom d’un patient ici")
    shared = Tick("Pour tout le cabinet", help_text="Décoché\u00a0: pour vous seul")


class ReferenceForm(Form):
    """A growth reference: who published it, by what right it serves here, its table. A chosen file takes the table's place."""

    name = Text("Nom", required=True, max_length=60, help_text="Tel qu’il se lira sous chaque courbe")
    published = Text("Publication", required=True, max_length=100, help_text="Auteurs ou organisme, revue, année")
    licence = Text("Licence", required=True, help_text="Ce qui permet de s’en servir ici : tables libres, accord écrit du…")
    file = Upload("Fichier CSV", help_text="200 ko au plus ; il remplace ce qui est dans la table")
    table = Area("Table", help_text="Colonnes kind, sex, month, l, m, s. Se corrige ici, ou se colle d’un tableur")
    held: Sequence[Extent] = ()

    def __init__(self, data: QueryDict | None = None, files: MultiValueDict[str, Any] | None = None, **kwargs: Any) -> None:
        chosen = files.get("file") if files else None
        if data is not None and chosen is not None:
            data = data.copy()
            data["table"] = as_text(chosen.read(LONGEST + 1))
        super().__init__(data, files, **kwargs)
        self.fields["file"].required = False
        table = self.fields["table"]
        table.validators = [one for one in table.validators if not isinstance(one, ProhibitNullCharactersValidator)]
        table.error_messages["max_length"] = "Cette table dépasse 200 ko : garder une ligne par mois, et les seules colonnes utiles."

    def clean(self) -> dict[str, Any]:
        clean: dict[str, Any] = super().clean() or {}
        if "table" in clean:
            try:
                self.held = read_reference(clean["table"], name=clean.get("name", ""), published=clean.get("published", ""))
            except ValueError as wrong:
                self.add_error("table", str(wrong))
        return clean


def as_text(content: bytes) -> str:
    """A table as spreadsheets save it: UTF-8 or UTF-16 with their marks, else the old western page of codes."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


class AmendmentForm(Form):
    text = Area("Complément", required=True, quiet=True)


class PrivateForm(Form):
    text = Area("Note personnelle", required=True, quiet=True)


class VsmForm(Form):
    file = Upload("Fichier du volet de synthèse")


class DocumentForm(Form):
    file = Upload("Document", help_text="PDF, image ou texte, 20 Mo au plus")
    title = Text("Titre", required=True, help_text="Courrier de cardiologie, compte rendu d’hospitalisation…")
    dated_on = Day("Daté du")
    author_text = Text("Auteur")
    sensitive = Tick("Sensible\u00a0: auteur et médecin traitant seulement")
