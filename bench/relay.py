"""The relay as shipped: TLS, one process, PostgreSQL with every commit made durable; fifty replicas in a process of their own.

`python -m bench.relay` is that process: it reads a plan in JSON on its standard input, and prints what it saw in JSON.
"""

import json
import random
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import practice
from bench.figures import Figure, percentile

REPLICAS, PRACTICES, RATE, SMALLEST, LARGEST = 50, 25, 5_000, 100, 500
WARM_S, PACED_S = 3.0, 20.0
TEXT = "Patient vu pour renouvellement, pas de plainte nouvelle, PA 13/8, auscultation libre, traitement bien pris. " * 5
HOST = "relais.example"


@dataclass(frozen=True, slots=True)
class Plan:
    """What fifty replicas do: `paced` seconds at RATE entries a second of all together, then as fast as it goes, then read all."""

    port: int
    certificate: str
    members: list[tuple[str, str]]  # practice id and transport secret of each replica
    paced: float
    warm: float
    chased: float


@dataclass(slots=True)
class Seen:
    """What they saw. Times in s, from the instant a batch was due to the answer."""

    paced: list[float] = field(default_factory=list)
    paced_entries: int = 0
    chased_entries: int = 0
    chased_s: float = 0.0
    pulled_entries: int = 0
    pulled_s: float = 0.0
    told: list[float] = field(default_factory=list)
    late: int = 0
    paced_s: float = 0.0  # from the first batch due to the last answer


def relay(build: Path, *, small: bool = False) -> list[Figure]:
    """The figures; none where PostgreSQL cannot be had."""
    with cluster(build / "bench-postgresql") as database:
        if database is None:
            return []
        with _served(build / "bench-relay", database) as (server, certificate):
            members = [_member(server, i, certificate) for i in range(REPLICAS)]
            plan = Plan(server.port, str(certificate), members, PACED_S / (4 if small else 1), WARM_S, 2.0 if small else 8.0)
            memory = _Memory(server)
            seen = _run(plan)
            return _figures(seen, memory.stop(), plan)


def _figures(seen: Seen, memory: tuple[float, float], plan: Plan) -> list[Figure]:
    took = [one * 1000 for one in seen.paced]
    data = (f"{len(took)} batches of {SMALLEST} to {LARGEST}, {REPLICAS} replicas of {PRACTICES} practices, TLS, fsync; "
            "clients on the same cores")
    relay_mb, database_mb = memory
    return [
        Figure("relay: entries taken, as paced", seen.paced_entries / seen.paced_s, "entries/s", RATE * 0.95, most=False,
               data=f"of {seen.paced_entries / plan.paced:,.0f} asked each second for {plan.paced:.0f} s; {seen.late} batches began late"),
        Figure("relay: a batch, p99", percentile(took, 0.99), "ms", 300, data=data),
        Figure("relay: a batch, median", percentile(took, 0.5), "ms"),
        Figure("relay: entries taken, as fast as it goes", seen.chased_entries / max(seen.chased_s, 1e-9), "entries/s", RATE, most=False,
               data="closed loop, the same replicas"),
        Figure("relay: entries given to one replica", seen.pulled_entries / max(seen.pulled_s, 1e-9), "entries/s", most=False,
               data=f"{seen.pulled_entries:,} entries, one after the other"),
        Figure("relay: a listener is told, p95", percentile([one * 1000 for one in seen.told], 0.95), "ms", 300,
               data=f"from the question to the event, {len(seen.told)} times"),
        Figure("relay: memory, its processes", relay_mb, "MB", 400, data="most proportional set size seen while all this went on"),
        Figure("relay: memory, PostgreSQL", database_mb, "MB", data="the same, shared buffers of 128 MB included"),
    ]  # fmt: skip


# -- what is measured


@contextmanager
def cluster(folder: Path) -> Iterator[str | None]:
    """A private PostgreSQL; None where it cannot be had."""
    script = practice.ROOT / "scripts" / "postgresql.sh"
    subprocess.run(["bash", str(script), "stop", str(folder)], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    started = subprocess.run(["bash", str(script), "start", str(folder)], capture_output=True, text=True, check=False)
    if started.returncode:
        print("skipped: PostgreSQL cannot be had here (scripts/postgresql.sh)", file=sys.stderr)
        yield None
        return
    try:
        yield started.stdout.strip().splitlines()[-1]
    finally:
        subprocess.run(["bash", str(script), "stop", str(folder)], check=False)
        subprocess.run(["rm", "-rf", str(folder)], check=True)


@contextmanager
def _served(folder: Path, database: str) -> Iterator[tuple[Any, Path]]:
    from tests.relay.serving import Relay

    subprocess.run(["rm", "-rf", str(folder)], check=True)
    folder.mkdir(parents=True, mode=0o700)
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", str(key), "-out", str(certificate)],
                   check=True, capture_output=True)  # fmt: skip
    server = Relay(folder, database)
    server.tls = ["--cert", str(certificate), "--key", str(key), "--name", f"{HOST}:{server.port}"]
    try:
        yield server.start(), certificate
    finally:
        server.stop()
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def _member(server: Any, i: int, certificate: Path) -> tuple[str, str]:
    """One replica, registered: the first of its practice by a code, the others by another code for the same one."""
    from permanence.lib import suite

    id, secret = suite.sha256(b"bench", bytes([i % PRACTICES]))[:16], suite.signing_pair()[1]
    code = server.code(practice=id if i >= PRACTICES else None, most={"most_bytes": 1 << 40, "most_entries": 1 << 40, "most_blobs": 9})
    _peer(server.port, str(certificate), id, secret).register(code, "office")
    return id.hex(), secret.hex()


def _peer(port: int, certificate: str, id: bytes, secret: bytes) -> Any:
    from permanence.journal.peers import Peer

    context = ssl.create_default_context(cafile=certificate)
    return Peer(f"https://{HOST}:{port}/{id.hex()}/", secret, context, at=("127.0.0.1", port))


class _Memory:
    """Looks four times a second at what the relay's and PostgreSQL's processes take; shared pages count once."""

    def __init__(self, server: Any) -> None:
        self._server, self._most, self._end = server, [0.0, 0.0], threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        import psutil

        while not self._end.wait(0.25):
            found = [0.0, 0.0]
            for process in psutil.process_iter(["name"]):
                ours = process.pid == self._server.process.pid or process.ppid() == self._server.process.pid
                if ours or process.info["name"] == "postgres":
                    try:
                        found[0 if ours else 1] += process.memory_full_info().pss / 2**20
                    except psutil.Error:
                        continue
            self._most = [max(pair) for pair in zip(self._most, found, strict=True)]

    def stop(self) -> tuple[float, float]:
        self._end.set()
        self._thread.join()
        return self._most[0], self._most[1]


def _run(plan: Plan) -> Seen:
    done = subprocess.run([sys.executable, "-m", "bench.relay"], input=json.dumps(asdict(plan)), capture_output=True, text=True,
                          check=False, cwd=practice.ROOT)  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"the replicas failed: {done.stderr[-2000:]}")
    return Seen(**json.loads(done.stdout))


# -- the fifty replicas


class Replica:
    """One machine: its chain is written beforehand, so that what is measured is the relay."""

    def __init__(self, plan: Plan, number: int, entries: int) -> None:
        from tests.relay.authors import Author

        id, secret = (bytes.fromhex(one) for one in plan.members[number])
        self.random, self.peer = random.Random(number), _peer(plan.port, plan.certificate, id, secret)
        self.author = Author(id)
        self.author.write(entries, TEXT)
        self.at = 0

    def next(self) -> Any:
        """The next batch; none at the end of the chain."""
        from permanence.journal.exchange import Batch

        size = self.random.randrange(SMALLEST, LARGEST + 1)
        found = self.author.entries[self.at:self.at + size]
        self.at += len(found)
        return Batch(self.author.practice, tuple(found), bytes(300)) if found else None

    def push(self, one: Any) -> None:
        answer = self.peer.push(one)
        assert all(outcome.result == "accepted" for outcome in answer.outcomes)


def _work(plan: Plan) -> Seen:
    seen, lock = Seen(), threading.Lock()
    count = int(RATE * (plan.warm + plan.paced) * 1.3 / REPLICAS + RATE * plan.chased * 2.5 / REPLICAS)
    replicas = [Replica(plan, number, count) for number in range(REPLICAS)]
    began = time.perf_counter() + 0.5

    def pace(replica: Replica) -> None:
        replica.peer.status()
        due = began + replica.random.random() * 300 * REPLICAS / RATE
        while due < began + plan.warm + plan.paced:
            time.sleep(max(0.0, due - time.perf_counter()))
            one, late = replica.next(), time.perf_counter() - due > 0.05
            replica.push(one)
            took = time.perf_counter() - due
            if due >= began + plan.warm:
                with lock:
                    seen.paced.append(took)
                    seen.paced_entries += len(one.entries)
                    seen.late += late
                    seen.paced_s = time.perf_counter() - began - plan.warm
            due += len(one.entries) * REPLICAS / RATE

    _all(pace, replicas)
    chased = time.perf_counter()

    def chase(replica: Replica) -> None:
        while time.perf_counter() < chased + plan.chased and (one := replica.next()) is not None:
            replica.push(one)
            with lock:
                seen.chased_entries += len(one.entries)

    _all(chase, replicas)
    seen.chased_s = time.perf_counter() - chased
    _pull(replicas[0], seen)
    _listen(replicas[1], seen)
    return seen


def _all(call: Any, replicas: list[Replica]) -> None:
    failed: list[BaseException] = []

    def guarded(replica: Replica) -> None:
        try:
            call(replica)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(replica,)) for replica in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _pull(replica: Replica, seen: Seen) -> None:
    from permanence.journal.exchange import Asked

    began, asked = time.perf_counter(), Asked({})
    while True:
        given = replica.peer.pull(asked)
        seen.pulled_entries += sum(len(one.entries) for one in given.batches)
        asked = Asked({}, given.until)
        if not given.more:
            break
    seen.pulled_s = time.perf_counter() - began


def _listen(replica: Replica, seen: Seen) -> None:
    from permanence.journal.exchange import Batch
    from tests.relay.authors import Author

    listener = _peer(replica.peer.place.port, _certificate, replica.author.practice, replica.peer._secret)
    author, news = Author(replica.author.practice), listener.news()
    next(news)
    for _ in range(40):
        began = time.perf_counter()
        replica.peer.push(Batch(author.practice, tuple(author.write(2, TEXT))))
        next(news)
        seen.told.append(time.perf_counter() - began)
    listener.close()


_certificate = ""

if __name__ == "__main__":
    sys.path.insert(0, str(practice.ROOT / "src"))
    chosen = Plan(**json.load(sys.stdin))
    _certificate = chosen.certificate
    print(json.dumps(asdict(_work(chosen))))
