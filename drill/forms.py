"""What a page shows in its form, as a browser would send it back: the values that whoever amends has in front of them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Question:
    """A form with one press for each answer. `fields`: those that come several times are lists."""

    fields: dict[str, Any] = field(default_factory=dict)
    choices: list[str] = field(default_factory=list)



class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[dict[str, str]] = []
        self.questions: list[Question] = []
        self._inside = False
        self._name: str | None = None  # of the select or text area being read
        self._text = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        name = found.get("name") or ""
        if tag == "form":
            self.forms.append({})
            self.questions.append(Question())
            self._inside = True
        elif not self._inside:
            return
        elif tag == "input" and name:
            self._input(name, found)
        elif tag == "button" and name == "choice":
            self.questions[-1].choices.append(found.get("value") or "")
        elif tag in ("select", "textarea"):
            self._name, self._text = name, tag == "textarea"
            self.forms[-1].setdefault(name, "")
        elif tag == "option" and self._name and "selected" in found:
            self.forms[-1][self._name] = found.get("value") or ""

    def _input(self, name: str, found: dict[str, str | None]) -> None:
        kind = found.get("type") or "text"
        if kind in ("radio", "checkbox") and "checked" not in found:
            return
        if kind == "hidden":
            before = self.questions[-1].fields.get(name)
            value = found.get("value") or ""
            self.questions[-1].fields[name] = value if before is None else [*([before] if isinstance(before, str) else before), value]
        self.forms[-1][name] = (found.get("value") or ("on" if kind == "checkbox" else "")) if kind != "file" else ""

    def handle_data(self, data: str) -> None:
        if self._inside and self._name and self._text:
            self.forms[-1][self._name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag in ("select", "textarea"):
            self._name, self._text = None, False


def read(page: str, containing: str) -> dict[str, str]:
    """The first form that has a field of that name, with what stands in each. Raises LookupError."""
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        if containing in form:
            return {name: value.removeprefix("\n") for name, value in form.items()}
    raise LookupError(containing)


def all_with(page: str, containing: str) -> list[Question]:
    """Every form with a hidden field of that name and something to choose."""
    reader = _Reader()
    reader.feed(page)
    return [one for one in reader.questions if containing in one.fields and one.choices]
