"""Answers made for one person, compressed on their way out. Static files are compressed once, at start, elsewhere.

A compressed page that holds a secret beside words of a stranger's choosing tells something by its length to who can have it
fetched again and again while watching the wire (BREACH, Gluck, Harris and Prado, 2013). No stranger can have ours fetched:
what the session's own pages did not start meets the shell (ADR 23). Two more walls: the token of the forms is masked anew in
every page, and every compressed answer carries a header of random length ("Heal the BREACH", Palacios et al., 2022).
"""

import secrets
import zlib
from collections.abc import Callable

import brotli
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

SMALLEST = 500  # bytes; below, the header costs more than is won
BROTLI = 2  # one more takes a third longer for a hundredth of the bytes
PADDING = 64  # bytes at most
KINDS = ("text/", "application/json", "image/svg+xml")


class Compress:
    """Brotli for browsers, gzip for the rest, at the levels that cost less than they save on an office network."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not isinstance(response, HttpResponse) or response.has_header("Content-Encoding") or not _worth_it(response):
            return response
        accepted = request.headers.get("Accept-Encoding", "")
        patch_vary_headers(response, ("Accept-Encoding",))
        if "br" in accepted:
            _replace(response, "br", brotli.compress(response.content, quality=BROTLI))
        elif "gzip" in accepted:
            _replace(response, "gzip", zlib.compress(response.content, 1, wbits=31))
        return response


def _worth_it(response: HttpResponse) -> bool:
    return len(response.content) >= SMALLEST and response.get("Content-Type", "").startswith(KINDS)


def _replace(response: HttpResponse, encoding: str, content: bytes) -> None:
    response.content = content
    response["Content-Encoding"] = encoding
    response["Padding"] = secrets.token_hex(PADDING // 2)[: 1 + secrets.randbelow(PADDING)]
    if response.has_header("Content-Length"):
        response["Content-Length"] = str(len(content))
