"""Form fields as the screens use them: dates as people type them, kept as typed when wrong; no rule of any room here."""

import datetime
from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest

from permanence.journal.doors import Refused
from permanence.lib.dates import parse_date_fr, parse_partial
from permanence.lib.text import collapse, nbsp, parse_number_fr, plain
from permanence.web import jinja
from permanence.web.http import act, new_form_id

Choices = list[tuple[str, str]]
# What the templates ask of every field, Django's own included.
for _name, _value in (("upper", False), ("quiet", False), ("max_length", None)):
    setattr(forms.Field, _name, _value)
LONGEST = 200_000  # characters of one text
MISSING = "À remplir pour enregistrer."


class Form(forms.Form):
    """One form of one screen: French errors, a one-use id kept across its re-renderings."""

    once_value: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.once_value = (self.data.get("once") if self.is_bound else None) or new_form_id()
        for field in self.fields.values():
            field.error_messages.setdefault("required", MISSING)
            if field.error_messages.get("required", "").startswith("This field"):
                field.error_messages["required"] = MISSING
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = "Choisir dans la liste."
            field.help_text = nbsp(str(field.help_text))

    def refuse(self, refused: Refused) -> None:
        """Show a door's refusal at the top of the form; everything typed stays."""
        self.add_error(None, refused.sentence)

    def do(self, request: HttpRequest, action: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the action for this form. None, with the refusal shown, when the door refuses."""
        try:
            result = act(request, action, *args, **kwargs)
        except Refused as refused:
            self.refuse(refused)
            return None
        return True if result is None else result


class Text(forms.CharField):
    """One line of text; outer and doubled spaces go."""

    def __init__(
        self,
        label: str,
        *,
        required: bool = False,
        help_text: str = "",
        max_length: int = 200,
        upper: bool = False,
        quiet: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(label=label, required=required, help_text=help_text, max_length=max_length, **kwargs)
        self.upper, self.quiet = upper, quiet
        self.error_messages["max_length"] = f"{max_length} caractères au plus."

    def clean(self, value: Any) -> str:
        return collapse(super().clean(value))


class Area(forms.CharField):
    """Several lines, kept as typed; a note's length at most, for each text is an entry that is kept for ever."""

    def __init__(self, label: str, *, required: bool = False, help_text: str = "", quiet: bool = False) -> None:
        super().__init__(label=label, required=required, help_text=help_text, strip=False, max_length=LONGEST)
        self.quiet = quiet
        self.error_messages["max_length"] = "Ce texte est trop long\u00a0: le couper en deux."

    def clean(self, value: Any) -> str:
        return plain(str(super().clean(value)).replace("\r\n", "\n"))


class Day(forms.CharField):
    """A date in any French way of typing it; a date object, or None."""

    def __init__(self, label: str, *, required: bool = False, past: bool = True, help_text: str = "") -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text or ("14/07/1958, 140758, hier…" if past else "15/01, 150127, +30…"),
            max_length=40,
        )
        self.past = past

    def clean(self, value: Any) -> datetime.date | None:
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        try:
            return parse_date_fr(typed, today=jinja.today(), past=self.past)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class PartialDay(forms.CharField):
    """A date known in part, kept as typed: « 2014 », « 03/2019 », « vers 2014 »."""

    def __init__(self, label: str, *, required: bool = False, help_text: str = "") -> None:
        super().__init__(
            label=label,
            required=required,
            help_text=help_text or "2014, 03/2019, vers 2014, ou une date complète",
            max_length=40,
        )

    def clean(self, value: Any) -> str:
        typed = collapse(str(super().clean(value)))
        try:
            return parse_partial(typed, today=jinja.today()).text
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class Number(forms.CharField):
    """A French number; (integer, scale) or None."""

    def __init__(self, label: str, *, unit: str = "", required: bool = False) -> None:
        super().__init__(label=label, required=required, max_length=20)
        self.unit, self.quiet = unit, True

    def clean(self, value: Any) -> tuple[int, int] | None:
        typed = str(super().clean(value)).strip()
        if not typed:
            return None
        try:
            return parse_number_fr(typed)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None


class Pick(forms.ChoiceField):
    """One of a closed list."""

    def __init__(self, label: str, choices: Choices, *, required: bool = True, help_text: str = "", quiet: bool = True) -> None:
        super().__init__(label=label, choices=choices, required=required, help_text=help_text)
        self.quiet = quiet


class Tick(forms.BooleanField):
    """A box to tick."""

    def __init__(self, label: str, *, help_text: str = "") -> None:
        super().__init__(label=label, required=False, help_text=help_text)


class Upload(forms.FileField):
    """A file, in memory only (a temporary file would be clear text on disk)."""

    def __init__(self, label: str, *, help_text: str = "") -> None:
        super().__init__(label=label, help_text=help_text, allow_empty_file=True)
        self.error_messages["required"] = "Choisir un fichier."
