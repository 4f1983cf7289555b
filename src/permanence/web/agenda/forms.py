"""The forms of the agenda: what may be typed. What is allowed is decided by the doors."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms

from permanence.agenda import queries
from permanence.web.forms import MISSING, Area, Choices, Day, Form, Number, Pick, Text, Tick, Upload

SEXES: Choices = [("F", "Féminin"), ("M", "Masculin"), ("U", "Indéterminé")]
WEEKDAYS: Choices = [
    ("1", "Lundi"),
    ("2", "Mardi"),
    ("3", "Mercredi"),
    ("4", "Jeudi"),
    ("5", "Vendredi"),
    ("6", "Samedi"),
    ("7", "Dimanche"),
]


class Hour(forms.CharField):
    """An hour in any way of typing it; minutes since midnight, or None."""

    def __init__(self, label: str, *, required: bool = True) -> None:
        super().__init__(label=label, required=required, max_length=10)
        self.quiet = True

    def clean(self, value: Any) -> int | None:
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        try:
            return queries.parse_hour(typed)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class Minutes(Number):
    """A whole number of minutes, or None."""

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        found = super().clean(value)
        if found is None:
            return None
        number, scale = found
        if scale:
            raise forms.ValidationError("Un nombre entier de minutes.")
        return number


class When(Form):
    """With whom and when: what a move changes, and a booking too."""

    practitioner = Pick("Avec", [])
    day = Day("Jour", required=True, past=False)
    hour = Hour("Heure")
    minutes = Minutes("Durée", unit="min")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"].choices = people  # type: ignore[attr-defined]
        self.fields["day"].quiet = True  # type: ignore[attr-defined]
        self.fields["day"].help_text = ""


class Booking(When):
    """A whole booking: who comes, known or new, and why. `why` is what is said when a rule is left on purpose."""

    why = Text("Autre raison")

    patient = forms.UUIDField(required=False)
    type = Pick("Type", [], required=False)
    reason = Text("Motif", help_text="Lu par tout le cabinet : court, sans détail médical")
    home_visit = Tick("Visite à domicile")
    no_hour = Tick("Sans heure, dans la tournée du jour")
    place = Text("Où, comment entrer", help_text="Adresse de la visite si elle diffère, étage, code")
    birth_name = Text("Nom de naissance", upper=True)
    given_names = Text("Prénoms")
    birth_date = Day("Date de naissance")
    birth_sex = Pick("Sexe", SEXES, required=False)
    mobile = Text("Téléphone mobile", max_length=40)
    label = Text("Nom de la personne")
    phone = Text("Téléphone", max_length=40)

    def __init__(self, *args: Any, types: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = types  # type: ignore[attr-defined]
        self.fields["minutes"].required = self.fields["hour"].required = False

    def clean(self) -> dict[str, Any]:
        """An hour that is written wins over the round; only a patient's visit goes without one."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("no_hour") and (found.get("hour", 0) is not None or self.data.get("mode") in ("caller", "busy")):
            found["no_hour"] = False
            self.data = {name: value for name, value in self.data.items() if name != "no_hour"}  # the tick is shown so
        if found.get("hour", 0) is None and not found.get("no_hour"):
            self.add_error("hour", MISSING)
        return found


class Detail(Form):
    """What may be corrected of one that exists."""

    type = Pick("Type", [], required=False)
    reason = Text("Motif")
    note = Area("Note pour l’équipe")
    home_visit = Tick("Visite à domicile")
    place = Text("Où, comment entrer")
    label = Text("Nom de la personne")
    phone = Text("Téléphone", max_length=40)
    waived_reason = Text("Pourquoi hors règle")

    def __init__(self, *args: Any, types: Choices, slot: bool, waived: bool = False, no_hour: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].choices = types  # type: ignore[attr-defined]
        for name in (*(("note", "home_visit", "place") if slot else ("label", "phone")), *(() if waived else ("waived_reason",))):
            del self.fields[name]
        if no_hour:
            del self.fields["home_visit"]  # the round holds it: an hour comes first


class Calendar(Form):
    """An agenda from another software."""

    practitioner = Pick("Dans l’agenda de", [])
    file = Upload("Fichier .ics", help_text="Exporté par l’autre agenda. Le même fichier peut revenir chaque nuit.")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"].choices = people  # type: ignore[attr-defined]


class Typed(Text):
    """One line that a rule reads; nothing typed is nothing."""

    def __init__(self, label: str, read: Callable[[str], Any], *, help_text: str = "") -> None:
        super().__init__(label, help_text=help_text)
        self.read = read

    def clean(self, value: Any) -> Any:
        try:
            return self.read(super().clean(value))
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class TypeForm(Form):
    """A type of appointment, with what it allows."""

    name = Text("Nom", required=True, max_length=60)
    minutes = Minutes("Durée (minutes)", required=True)
    colour = Pick("Couleur", list(queries.COLOURS.items()))
    walk_in = Tick("Proposé à qui vient sans rendez-vous")
    place = Minutes("Place dans la liste")
    new_patients = Tick("Nouveaux patients")
    known_patients = Tick("Patients connus")
    youngest = Typed("Âge, à partir de", queries.parse_age, help_text="16, 18 mois…")
    oldest = Typed("Jusqu’à", partial(queries.parse_age, upper=True), help_text="Compris : 15 va jusqu’aux 16 ans")
    hours = Typed("Jours et heures", queries.parse_week, help_text="« lun mar 8h-12h, jeu 14h-17h ». Vide : toutes les heures d’ouverture")
    practitioners = forms.MultipleChoiceField(label="Avec", choices=[], required=False)
    most_a_day = Minutes("Au plus, par jour et par praticien")
    notice_hours = Minutes("Délai minimum (heures)")
    buffer_minutes = Minutes("Temps libre après (minutes)")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioners"].choices = people  # type: ignore[attr-defined]

    def limits(self) -> queries.Limits:
        """The rules, once it is valid."""
        clean = self.cleaned_data
        return queries.Limits(
            clean["new_patients"],
            clean["known_patients"],
            clean["youngest"],
            clean["oldest"],
            clean["hours"],
            tuple(UUID(one) for one in clean["practitioners"]),
            clean["most_a_day"],
            clean["notice_hours"] or 0,
            clean["buffer_minutes"] or 0,
        )


class HoursForm(Form):
    """Opening hours of one practitioner: the same hours on several days at once."""

    practitioner = Pick("Praticien", [])
    weekdays = forms.MultipleChoiceField(choices=WEEKDAYS, required=True)
    start = Hour("De")
    end = Hour("À")
    kind = Pick("Sorte", list(queries.KINDS.items()))
    since = Day("À partir du", past=False, help_text="Vide\u00a0: dès maintenant")
    until = Day("Jusqu’au", past=False, help_text="Vide\u00a0: sans fin")

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"].choices = people  # type: ignore[attr-defined]
        self.fields["weekdays"].error_messages["required"] = "Choisir au moins un jour."


class AwayForm(Form):
    """An absence, whole days unless hours are said, and who works in that agenda meanwhile."""

    practitioner = Pick("Qui", [])
    first = Day("Du", required=True, past=False)
    start = Hour("À partir de", required=False)
    last = Day("Au", past=False, help_text="Dernier jour compris\u00a0; vide\u00a0: le même jour")
    end = Hour("Jusqu’à", required=False)
    reason = Text("Motif", help_text="Affiché dans l’agenda")
    replacement = Pick("Remplacé par", [], required=False)

    def __init__(self, *args: Any, people: Choices, replacements: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practitioner"].choices = people  # type: ignore[attr-defined]
        self.fields["replacement"].choices = [("", "Personne"), *replacements]  # type: ignore[attr-defined]


class Reach(Form):
    """How somebody is reached, asked when they arrive."""

    mobile = Text("Mobile", max_length=40)
    email = Text("Courriel")
