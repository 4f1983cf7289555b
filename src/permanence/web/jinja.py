"""The one Jinja2 environment: French filters, static files, icons. Templates get plain values and frozen dataclasses."""

import datetime
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils import timezone
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.compiler import CodeGenerator
from jinja2_fragments import render_block
from lucide.jinja import lucide
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]  # a private name: MarkupSafe is pinned

from permanence.lib import clock
from permanence.lib.dates import age_text, format_date, format_long
from permanence.lib.text import NBSP, nbsp, number_fr, plural
from permanence.web.links import reverse

TEMPLATES = Path(__file__).parent / "templates"
FONT_SHEET = "fonts/inter.css"
# Macros that every template may use without importing: a block rendered alone for htmx does not run its page's imports.
COMPONENTS = {
    "components/ui.html": ("bar", "strip", "tag", "toast", "empty", "button_link", "refused", "head"),
    "components/patient.html": ("allergy_line", "name", "banner", "row"),
    "components/clinical.html": ("drug", "measure", "line", "event"),
    "components/tasks.html": ("todo", "said_line"),
    "components/handover.html": ("decide", "handed_items", "handover_cards"),
}


def today() -> datetime.date:
    """The practice's own calendar day."""
    return timezone.localtime(clock.now()).date()


def date(value: datetime.date | datetime.datetime | None) -> str:
    """JJ/MM/AAAA; an instant is first put in the practice's time zone."""
    return format_date(_local(value).date() if isinstance(value, datetime.datetime) else value)


def date_long(value: datetime.date | datetime.datetime | None) -> str:
    """« sam. 21 nov. 2026 »."""
    if value is None:
        return ""
    return format_long(_local(value).date() if isinstance(value, datetime.datetime) else value)


def time(value: datetime.datetime, *, seconds: bool = False) -> str:
    """24 hours: 14:05."""
    return _local(value).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(value: datetime.datetime | None) -> str:
    """« 21/11/2026 14:05 »; the day is left out when it is today."""
    if value is None:
        return ""
    local = _local(value)
    hour = local.strftime("%H:%M")
    return f"aujourd’hui {hour}" if local.date() == today() else f"{format_date(local.date())}{NBSP}{hour}"


def since(value: datetime.datetime) -> str:
    """« il y a 12 min »: only ever beside a full date or for states of the system."""
    seconds = max(0, int((clock.now() - value).total_seconds()))
    for size, unit in ((86400, "j"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"il y a {seconds // size}{NBSP}{unit}"
    return f"il y a {seconds}{NBSP}s"


def machine_date(value: datetime.date | datetime.datetime | None) -> str:
    """The `datetime` attribute of <time>."""
    return value.isoformat() if value else ""


def age(birth: datetime.date | None, at: datetime.date | None = None) -> str:
    """« 68 ans », at a day or today."""
    return age_text(birth, at or today())


@cache
def icon(name: str, size: int = 18) -> Markup:
    """A decorative Lucide icon: the words beside it carry the meaning. `'check'|icon(16)` is drawn when the template is compiled."""
    drawn = lucide(name, size=size, **{"class": "i", "aria-hidden": "true"})
    return Markup("".join(line.strip() for line in drawn.splitlines()))  # noqa: S704 -- drawn by the package, from a constant name


def lines(text: str) -> Markup:
    """Typed text with its line ends kept."""
    return Markup("<br>").join(escape(text).splitlines())


@cache
def static(path: str) -> str:
    return str(staticfiles_storage.url(path))


@cache
def style_sheets() -> tuple[str, ...]:
    """The font's sheet when `make setup` could cut it, then ours."""
    font = (static(FONT_SHEET),) if finders.find(FONT_SHEET) else ()
    return (*font, static("css/permanence.css"))


def _local(value: datetime.datetime) -> datetime.datetime:
    return timezone.localtime(value, timezone.get_default_timezone())  # nobody activates another


def put_out(value: Any) -> str:
    """What stands in a page for a value: `escape` as text, without the `Markup` around it, which costs twice as much."""
    if type(value) is str:
        return _escape_inner(value)
    return str(value.__html__()) if hasattr(value, "__html__") else _escape_inner(str(value))


class _Pages(CodeGenerator):
    """Templates compiled to put out text: the pieces of a page are joined at once, and nobody asks them again whether they are safe."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:  # a private name: Jinja is pinned
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.put_out(")
        else:
            super()._output_child_pre(node, frame, finalize)


class _Environment(Environment):
    code_generator_class = _Pages
    put_out = staticmethod(put_out)


def environment(**options: Any) -> Environment:
    """Build the environment; Django's Jinja2 backend may call it too, with its own options."""
    options = {"loader": FileSystemLoader(TEMPLATES), "auto_reload": settings.DEBUG, **options}
    options.update(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    env = _Environment(**options)
    env.globals.update(
        url=reverse, static=static, icon=icon, today=today, now=clock.now, new_id=lambda: str(uuid4()), style_sheets=style_sheets, NBSP=NBSP
    )
    env.filters.update(
        date=date,
        date_long=date_long,
        time=time,
        moment=moment,
        since=since,
        age=age,
        icon=icon,
        nbsp=nbsp,
        number=number_fr,
        plural=plural,
        lines=lines,
        machine_date=machine_date,
    )
    for module, names in COMPONENTS.items():
        components = env.get_template(module).module
        env.globals.update({name: getattr(components, name) for name in names})
    env.globals["f"] = env.get_template("components/form.html").module
    return env


@cache
def env() -> Environment:
    return environment()


def render(template: str, context: Mapping[str, Any], fragment: str | None = None) -> str:
    """A whole page, or the one block of it that htmx asked for."""
    if fragment is not None:
        return render_block(env(), template, fragment, context)
    return env().get_template(template).render(context)
