"""Where a gesture comes back to: the view and the practitioners that were shown, kept from page to page."""

import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict

from permanence.web.http import go
from permanence.web.links import reverse

WEEK = "semaine"


def shown(request: HttpRequest) -> dict[str, Any]:
    """`vue` and `qui` as the form says them, else as the agenda that this page was opened from showed them."""
    asked: Any = request.POST
    if "vue" not in asked:
        page = urlsplit(request.headers.get("HX-Current-URL") or request.headers.get("Referer") or "")
        asked = QueryDict(page.query) if page.path == reverse("agenda:day") else QueryDict()
    who = ids(asked)
    return {**({"vue": WEEK} if asked.get("vue") == WEEK else {}), **({"qui": who} if who else {})}


def day_of(request: HttpRequest) -> str:
    """The day to come back to, as the page said it; empty when it did not."""
    return iso(request.POST.get("jour", ""))


def iso(value: str) -> str:
    try:
        return f"{datetime.date.fromisoformat(value):%Y-%m-%d}"
    except ValueError:
        return ""


def back(request: HttpRequest, day: datetime.date | str, *, done: str, undo: str = "", anchor: str = "", **more: str) -> HttpResponse:
    """On to the agenda, as it was shown."""
    text = day if isinstance(day, str) else f"{day:%Y-%m-%d}"
    return go(request, "agenda:day", done=done, undo=undo, anchor=anchor, **({"jour": text} if text else {}), **shown(request), **more)


def ids(asked: QueryDict) -> list[str]:
    """The practitioners that a form or an address names."""
    return [one for one in asked.getlist("qui") if _id(one)]


def _id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def fields(view: dict[str, Any]) -> list[tuple[str, str]]:
    """The same as hidden fields."""
    return [("vue", view.get("vue", "")), *(("qui", one) for one in view.get("qui", []))]
