"""What `web.compress` does to an answer, and what it leaves alone."""

import zlib

import brotli
import pytest
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory

from permanence.web import compress
from permanence.web.compress import PADDING, SMALLEST, Compress

PAGE = "<!doctype html><p>Douleur lombaire depuis trois jours.</p>" * 40


def answered(response: HttpResponseBase, accepted: str) -> HttpResponseBase:
    def view(_: HttpRequest) -> HttpResponseBase:
        return response

    return Compress(view)(RequestFactory().get("/", headers={"accept-encoding": accepted}))


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("identity", "")])
def test_each_browser_reads_the_same_page(accepted: str, encoding: str) -> None:
    response = answered(HttpResponse(PAGE), accepted)
    assert isinstance(response, HttpResponse)
    assert response.get("Content-Encoding", "") == encoding
    assert response["Vary"] == "Accept-Encoding"
    back = {"br": brotli.decompress, "gzip": lambda data: zlib.decompress(data, wbits=31), "": lambda data: data}[encoding]
    assert back(response.content).decode() == PAGE
    assert encoding == "" or len(response.content) < len(PAGE) / 5


def test_the_length_of_a_compressed_page_is_blurred(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = {len(answered(HttpResponse(PAGE), "br")["Padding"]) for _ in range(400)}
    assert lengths <= set(range(1, PADDING + 1))
    assert len(lengths) > PADDING / 2
    for drawn in (0, PADDING - 1):  # 400 draws miss the least or the most of them once in 270 runs
        monkeypatch.setattr(compress.secrets, "randbelow", lambda most, drawn=drawn: drawn if most == PADDING else None)
        assert len(answered(HttpResponse(PAGE), "br")["Padding"]) == drawn + 1


@pytest.mark.parametrize("response", [
    HttpResponse("x" * (SMALLEST - 1)),
    HttpResponse(b"%PDF" + bytes(5000), content_type="application/pdf"),
    HttpResponse("x" * 5000, headers={"Content-Encoding": "br"}),
    FileResponse([PAGE.encode()], content_type="text/html"),
])
def test_what_would_win_nothing_is_left_as_it_is(response: HttpResponseBase) -> None:
    assert "Padding" not in answered(response, "br")
