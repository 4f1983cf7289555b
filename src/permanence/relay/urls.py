"""The relay's addresses, as `docs/format/exchange.md` lists them. `GET events` is answered by `relay.gate`, beside the threads."""

from django.http import HttpRequest, HttpResponseBase
from django.urls import path

from permanence.relay import asking, entries, files, heads, keys, seals, segments
from permanence.relay.asking import place, place_of_nobody


def nowhere(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Any other address."""
    refusal = asking.unknown()
    return asking.no(refusal.status, refusal.code, refusal.sentence)


handler404 = nowhere
urlpatterns = [
    path("sheet", place_of_nobody(GET=keys.of_sheet)),
    path("<practice>/entries", place(full=True, POST=entries.push)),
    path("<practice>/entries/wanted", place(full=True, POST=entries.give)),
    path("<practice>/blobs/missing", place(full=True, POST=files.missing_blobs)),
    path("<practice>/blobs/<name>", place(full=True, GET=files.get_blob, PUT=files.put_blob)),
    path("<practice>/heads", place(GET=heads.give, POST=heads.show)),
    path("<practice>/access/wanted", place(full=True, POST=segments.wanted)),
    path("<practice>/access/<replica>/<span>", place(full=True, GET=segments.get_segment, PUT=segments.put_segment)),
    path("<practice>/seals", place(full=True, GET=seals.give, PUT=seals.put)),
    path("<practice>/status", place(GET=keys.status)),
    path("<practice>/register", place(by_stranger=True, POST=keys.register)),
    path("<practice>/keys", place(GET=keys.give, POST=keys.add)),
    path("<practice>/keys/removed", place(POST=keys.remove)),
    path("<practice>/events", place()),
    path("<practice>/aside", place(GET=seals.aside)),
]
