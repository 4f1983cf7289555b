"""Templates put out text that is escaped exactly as `markupsafe.escape` does."""

from typing import Any
from uuid import UUID

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup, escape

from permanence.web import jinja


class Drawn:
    def __html__(self) -> str:
        return "<i>dessin</i>"


class Word(str):
    """A value of an enumeration is a text of another type."""


VALUES = ["", "Dr « Léa » & <Tom>", "l'\"autre\"", Markup("<b>gras</b>"), Drawn(), Word("<p>"), 12, 1.5, None, True, UUID(int=7), ["<a>"]]


@pytest.mark.parametrize("value", VALUES)
def test_each_value_is_escaped_as_elsewhere(value: Any) -> None:
    assert jinja.put_out(value) == str(escape(value))
    page = "<p>{{ x }}</p>{% macro m(y) %}<q>{{ y }}</q>{% endmacro %}{{ m(x) }}{% set z %}{{ x }}{% endset %}{{ z }}"
    assert jinja.env().from_string(page).render(x=value) == f"<p>{escape(value)}</p><q>{escape(value)}</q>{escape(value)}"


def test_what_is_missing_is_an_error_and_no_blank() -> None:
    with pytest.raises(UndefinedError):
        jinja.env().from_string("{{ nobody }}").render()


def test_pages_are_compiled_so() -> None:
    assert "environment.put_out(" in str(jinja.env().compile("{{ x }}", raw=True))
