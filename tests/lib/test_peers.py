"""One machine asks another: signed, once, bounded; whatever the other one answers is one of three errors."""
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from permanence.lib import cbor, peers, signing, suite
from permanence.lib.peers import Line, Malformed, Refused, Unreachable

KEY, SECRET = suite.signing_pair()


class Other:
    """A server that checks signatures and answers what a test says."""

    def __init__(self) -> None:
        self.nonces, self.seen, self.connections, self.hangs_up = signing.Nonces(), [], 0, False
        self.answer: Callable[[Any, bytes], None] = lambda handler, body: handler.say(200, body)
        other = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                other.connections += 1
                super().setup()

            def say(self, status: int, body: bytes, **headers: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header(signing.NONCE, other.nonces.issue())
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                url = f"http://{self.headers['Host']}{self.path}"
                try:
                    key = signing.verify(self.command, url, dict(self.headers), body, known=lambda key: True, nonces=other.nonces)
                except signing.NotSigned as error:
                    self.say(401, cbor.dumps({1: 1, 2: str(error.reason), 3: "Non."}))
                    self.close_connection = other.hangs_up and bool(body)
                    return
                other.seen.append((self.command, self.path, key, body))
                other.answer(self, body)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, format: str, *values: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients that cut are what is tried here."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/base"


@pytest.fixture
def other() -> Iterator[Other]:
    one = Other()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def line(other: Other) -> Iterator[Line]:
    one = Line(other.base, SECRET)
    yield one
    one.close()


def test_questions_are_signed_on_one_kept_connection(other: Other, line: Line) -> None:
    for i in range(5):
        assert line.ask("POST", "entries", b"%d" % i) == b"%d" % i
    assert [(method, path, key) for method, path, key, _ in other.seen] == [("POST", "/base/entries", KEY)] * 5
    assert other.connections == 1


def test_a_nonce_that_has_died_is_replaced_once(other: Other, line: Line) -> None:
    line.ask("GET", "status")
    other.nonces = signing.Nonces()  # the other one was started again
    assert line.ask("PUT", "blobs/x", b"data") == b"data"


def test_one_that_refuses_and_hangs_up_is_asked_again_with_its_new_nonce(other: Other, line: Line) -> None:
    """A large body that is refused before it is read ends the connection: what signs next needs the next connection's nonce."""
    line.ask("GET", "status")
    other.nonces, other.hangs_up = signing.Nonces(), True
    assert line.ask("POST", "entries", b"large") == b"large"


def test_one_that_never_believes_is_a_refusal(other: Other, line: Line) -> None:
    other.answer = lambda handler, body: handler.say(401, b"")
    with pytest.raises(Refused) as caught:
        line.ask("GET", "status")
    assert caught.value.status == 401
    assert len(other.seen) == 3


def test_a_kept_connection_that_died_is_made_again(other: Other, line: Line) -> None:
    def hang_up(handler: Any, body: bytes) -> None:
        handler.say(200, body)
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    other.answer = hang_up
    assert [line.ask("POST", "entries", b"a") for _ in range(3)] == [b"a"] * 3


def test_a_refusal_has_its_code_and_its_sentence(other: Other, line: Line) -> None:
    other.answer = lambda handler, body: handler.say(507, cbor.dumps({1: 1, 2: "quota", 3: "C’est plein."}))
    with pytest.raises(Refused, match="507 quota") as caught:
        line.ask("POST", "entries", b"a")
    assert caught.value.sentence == "C’est plein."


@pytest.mark.parametrize("body", [b"", b"<html>", cbor.dumps({1: 1, 2: "x\r\ny", 3: ""}), cbor.dumps([1]), b"\xff" * 9000])
def test_a_refusal_in_another_language_says_nothing_of_it(other: Other, line: Line, body: bytes) -> None:
    other.answer = lambda handler, _: handler.say(500, body)
    with pytest.raises(Refused, match="500 unknown"):
        line.ask("GET", "status")


def test_no_redirect_is_followed(other: Other, line: Line) -> None:
    other.answer = lambda handler, body: handler.say(307, b"", Location="/elsewhere")
    with pytest.raises(Refused, match="307 redirect"):
        line.ask("GET", "status")
    assert len(other.seen) == 1


def test_an_answer_that_is_too_large_is_not_read(other: Other, line: Line) -> None:
    other.answer = lambda handler, body: handler.say(200, bytes(5000))
    with pytest.raises(Malformed):
        line.ask("GET", "status", most=4999)
    assert len(line.ask("GET", "status", most=5000)) == 5000


def test_an_answer_that_is_cut_is_no_answer(other: Other, line: Line) -> None:
    def cut(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"half")
        handler.close_connection = True

    other.answer = cut
    with pytest.raises(Unreachable, match="cut"):
        line.ask("GET", "status")


def test_one_who_drips_is_left(other: Other, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "WHOLE_S", 0.5)

    def drip(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b".")
            time.sleep(0.05)

    other.answer = drip
    began = time.monotonic()
    with pytest.raises(Unreachable, match="slow"):
        line.ask("GET", "status")
    assert time.monotonic() - began < 15


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="refused"):
        Line(f"http://127.0.0.1:{port}/", SECRET).ask("GET", "status")


@pytest.mark.parametrize("base", ["http://relais.example/", "ftp://127.0.0.1/", "https://a@r.example/", "https://r.example/?a", ""])
def test_only_tls_leaves_this_machine(base: str) -> None:
    with pytest.raises(ValueError, match=r"address|TLS"):
        peers.place_of(base)


def test_the_environments_proxy_is_not_asked(other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    line = Line(other.base, SECRET)
    assert line.ask("POST", "entries", b"a") == b"a"
    line.close()


def test_events_are_read_until_somebody_closes(other: Other, line: Line) -> None:
    def stream(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for part in (b"data: 1\n\n", b": .\n\n", b"data: 2\n", b"\n"):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        time.sleep(5)

    other.answer = stream
    found: list[str] = []
    for data in line.events():
        found.append(data)
        if len(found) == 2:
            threading.Timer(0.1, line.close).start()
    assert found == ["1", "2"]
    assert line.ask is not None


def test_a_stream_that_falls_silent_is_unreachable(other: Other, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "BEAT_S", 0.3)

    def stream(handler: Any, body: bytes) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(b"data: 1\n\n")
        time.sleep(20)

    other.answer = stream
    events = line.events()
    assert next(events) == "1"
    with pytest.raises(Unreachable, match="slow"):
        next(events)
