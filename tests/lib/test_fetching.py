"""One file from an address: nothing but https to the Internet, within bounds, and never a word of the address in a refusal."""

import http.server
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from permanence.lib import fetching
from permanence.lib.fetching import NotFetched, allowed, fetch, place_of

BODY = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
Answers = Callable[[http.server.BaseHTTPRequestHandler], None]


REAL_SOURCE = fetching.source_of


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have no way to the Internet: not even the question from where they would send."""
    monkeypatch.setattr(fetching, "source_of", lambda ip: None)



class Server:
    """A server of this machine that answers as a test wants."""

    def __init__(self) -> None:
        self.answers: Answers = lambda request: plain(request)
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append({name.lower(): value for name, value in self.headers.items()})
                outer.answers(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who asked has gone: a test wanted it
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/secret.ics?cle=secrete"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def plain(request: http.server.BaseHTTPRequestHandler, body: bytes = BODY, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetching, "LOOPBACK", True)
    made = Server()
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_a_file_is_read_and_then_asked_for_only_if_it_changed(server: Server) -> None:
    server.answers = lambda request: plain(request, ETag='"a1"', Last_Modified="Sun, 22 Nov 2026 11:00:00 GMT")
    first = fetch(server.url)
    assert first.data == BODY
    server.answers = lambda request: plain(request, b"", 304)
    again = fetch(server.url, etag=first.etag, modified=first.modified)
    assert (again.data, again.etag) == (None, '"a1"')
    assert server.asked[1]["if-none-match"] == '"a1"'
    assert server.asked[1]["if-modified-since"] == "Sun, 22 Nov 2026 11:00:00 GMT"
    assert "cookie" not in server.asked[1]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda request: plain(request, b"", 302, Location="http://127.0.0.1/ailleurs"), "redirect"),
        (lambda request: plain(request, b"", 304), "redirect"),  # nobody asked whether it changed
        (lambda request: plain(request, b"", 404), "refused"),
        (lambda request: plain(request, b"", 401), "refused"),
        (lambda request: plain(request, b"", 500), "error"),
        (lambda request: plain(request, Content_Encoding="gzip"), "encoding"),
        (lambda request: plain(request, b"x" * (fetching.LARGEST + 1)), "large"),
        (lambda request: request.wfile.write(b"bonjour\r\n\r\n"), "unreachable"),
        (lambda request: request.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\nBEGIN"), "unreachable"),
    ],
)
def test_what_is_not_the_file_is_refused_by_its_reason(server: Server, answer: Answers, code: str) -> None:
    server.answers = answer
    with pytest.raises(NotFetched) as refused:
        fetch(server.url)
    assert refused.value.code == code
    assert "secret" not in refused.value.sentence + str(refused.value)
    assert len(server.asked) == 1


def test_a_server_that_drips_is_cut(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def drips(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100000")
        request.end_headers()
        for _ in range(600):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    monkeypatch.setattr(fetching, "WHOLE_S", 0.5)
    server.answers = drips
    began = time.monotonic()
    with pytest.raises(NotFetched) as refused:
        fetch(server.url)
    assert refused.value.code == "slow"
    assert time.monotonic() - began < 15


def test_nobody_there_is_said() -> None:
    with pytest.raises(NotFetched) as refused:
        fetch("https://nulle-part.invalid/a.ics")
    assert refused.value.code == "name"


# -- where it may be


@pytest.mark.parametrize(
    ("ip", "open_to", "local"),
    [
        ("8.8.8.8", True, True), ("2606:4700::1111", True, True),
        ("192.168.1.10", False, True), ("10.0.0.5", False, True), ("172.16.3.4", False, True), ("fd12::5", False, True),
        ("127.0.0.1", False, False), ("::1", False, False), ("::ffff:127.0.0.1", False, False), ("0.0.0.0", False, False),  # noqa: S104
        ("169.254.169.254", False, False), ("fe80::1", False, False), ("224.0.0.1", False, False), ("255.255.255.255", False, False),
        ("::", False, False), ("64:ff9b::7f00:1", False, False), ("2002:7f00:1::", False, False), ("2001:0:7f00:1::", False, False),
        ("::ffff:192.168.1.10", False, True), ("fec0::1", False, False),
    ],
)  # fmt: skip
def test_only_the_internet_is_asked_and_the_practice_s_network_when_it_says_so(ip: str, open_to: bool, local: bool) -> None:
    address = ipaddress.ip_address(ip)
    assert allowed(address, local=False) is open_to
    assert allowed(address, local=True) is local


def _named(monkeypatch: pytest.MonkeyPatch, *ips: str) -> list[tuple[str, int]]:
    """A name that has these addresses; gives where somebody tried to connect."""
    tried: list[tuple[str, int]] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (ip, 443)) for ip in ips])

    def connect(where: tuple[str, int], *_: object) -> socket.socket:
        tried.append(where)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


def test_a_name_of_this_machine_or_a_mixed_one_is_never_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for ips in (("127.0.0.1",), ("8.8.8.8", "169.254.169.254"), ("10.0.0.1",)):
        tried = _named(monkeypatch, *ips)
        with pytest.raises(NotFetched) as refused:
            fetch("https://agenda.exemple/a.ics")
        assert (refused.value.code, tried) == ("private", [])


def test_what_is_connected_to_is_what_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _named(monkeypatch, "8.8.8.8")
    with pytest.raises(NotFetched):
        fetch("https://agenda.exemple/a.ics")
    assert tried == [("8.8.8.8", 443)]
    tried = _named(monkeypatch, "10.0.0.1")
    with pytest.raises(NotFetched):
        fetch("https://agenda.exemple/a.ics", local=True)
    assert tried == [("10.0.0.1", 443)]


def test_a_name_whose_first_address_does_not_answer_is_asked_at_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = _named(monkeypatch, "2606:4700::1111", "8.8.8.8", "8.8.4.4")
    with pytest.raises(NotFetched):
        fetch("https://agenda.exemple/a.ics")
    assert tried == [("2606:4700::1111", 443), ("8.8.8.8", 443)]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://agenda.exemple/a.ics", "scheme"), ("ftp://agenda.exemple/a", "scheme"), ("file:///etc/passwd", "scheme"),
        ("bonjour", "scheme"),
        ("https://", "address"), ("https://a.exemple/a b", "address"), ("https://a.exemple/" + "x" * 1_000, "address"),
        ("https://a.exemple:99999/", "address"), ("https://moi:mot@a.exemple/a.ics", "userinfo"), ("https://[::1", "address"),
        ("https://a.exemple/é", "address"), (f"https://{'é' * 80}.exemple/", "address"),
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused_before_anything_is_asked(address: str, code: str) -> None:
    with pytest.raises(NotFetched) as refused:
        place_of(address)
    assert refused.value.code == code


def test_webcal_is_https_and_a_name_with_accents_is_read() -> None:
    assert place_of(" webcal://p1.exemple/x?y=1 ") == fetching.Place("p1.exemple", 443, "/x?y=1")
    assert place_of("https://é.exemple:8443/").host == "xn--9ca.exemple"


def test_what_looks_public_and_is_this_machine_or_its_neighbour_is_never_asked() -> None:
    ip = ipaddress.ip_address
    assert fetching.inside(ip("2a01:cb00:1:2::10"), ip("2a01:cb00:1:2::10"), local=True)  # itself, even when the network is said to be ours
    assert fetching.inside(ip("192.168.1.20"), ip("192.168.1.20"), local=True)
    assert fetching.inside(ip("2a01:cb00:1:2::99"), ip("2a01:cb00:1:2::10"), local=False)
    assert not fetching.inside(ip("2a01:cb00:1:2::99"), ip("2a01:cb00:1:2::10"), local=True)
    assert not fetching.inside(ip("2a00:1450::1"), ip("2a01:cb00:1:2::10"), local=False)
    assert not fetching.inside(ip("8.8.8.8"), None, local=False)
    assert REAL_SOURCE(ip("127.0.0.1")) == ip("127.0.0.1")


def test_a_name_that_leads_to_this_machine_s_own_public_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching.socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("2a01:cb00:1:2::10", 443))])
    monkeypatch.setattr(fetching, "source_of", lambda ip: ipaddress.ip_address("2a01:cb00:1:2::10"))
    for local in (False, True):
        with pytest.raises(fetching.NotFetched) as refused:
            fetching.fetch("https://agenda.example/x.ics", local=local)
        assert refused.value.code == "private"
