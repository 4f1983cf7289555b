"""The strip of a page that stays open: asked again every few seconds, answered in full only when it says something else."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from permanence.web.bar import bar_of
from permanence.web.http import reader_of, render, screen


@require_GET
@screen
def bar(request: HttpRequest) -> HttpResponse:
    """204 while it is as the page shows it. `vu`: the mark of what is shown."""
    made = bar_of(request)
    if request.GET.get("vu") == made.mark:
        return HttpResponse(status=204)
    return render(request, reader_of(request), "practice/bar.html", {"made": made})
