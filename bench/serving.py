"""What people wait for: pages, searches and writes of a served practice, with TLS and request proof on, on this disk and a slow one."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from bench import practice
from bench.browser import Browser, Login, b64url, jwk_of, new_key, pem_of, thumbprint
from bench.figures import Figure, middle, percentile, spread
from bench.load import Plan, Taken
from bench.server import SLOW_FSYNC_MS, Server

ROUNDS, SECONDS = 3, 6.0
CLIENTS_MOST = 20
MIXED = {"file": 70.0, "search": 20.0, "write": 10.0}
DESK = {"search": 1.0, "draft": 1.0, "sign": 1.0}
SHARED = "client and server share these cores"


@dataclass(frozen=True, slots=True)
class Scene:
    """One kind of load."""

    name: str
    clients: int
    mix: dict[str, float]
    rate: float = 0.0


ONE = Scene("one", 1, {"file": 1.0})
FOUR = Scene("four", 4, {"file": 1.0})
DESKS = Scene("desks", 4, DESK, 40.0)
PACED = Scene("paced", 20, MIXED, 130.0)
CLOSED = Scene("closed", 20, MIXED)
SCENES = (ONE, FOUR, DESKS, PACED, CLOSED)


def logins(folder: Path, built: practice.Built) -> list[Login]:
    """A passkey for two doctors and an approved post, put there through the actions: the sign-in itself is the real one."""
    from cbor2 import dumps

    from permanence.accounts import actions
    from permanence.journal.doors import Actor

    opened, made = practice.unlock(folder), list[Login]()
    try:
        for key in ("moreau", "benali"):
            by = Actor(built.member(key), assurance="demo")
            token, post_key = b64url(new_key().private_numbers().private_value.to_bytes(32)), new_key()
            post = actions.enrol_post(actions.invite_post(by=by).code, token_hash=_sha256(token), name="Bench",
                                      thumbprint=thumbprint(jwk_of(post_key)), public_key=jwk_of(post_key),
                                      by=Actor.machine("sign_in"))
            actions.approve_post(post, by=by)
            passkey = new_key()
            numbers, credential = passkey.public_key().public_numbers(), _sha256(token + key)
            cose = dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
            actions.add_passkey(credential_id=credential, public_key=cose, rp_id=practice.RP_ID, by=by)
            made.append(Login(built.member(key).hex, b64url(credential), pem_of(passkey), token, pem_of(post_key),
                              practice.RP_ID))
    finally:
        opened.close()
    return made


def _sha256(text: str) -> bytes:
    import hashlib

    return hashlib.sha256(text.encode()).digest()


class Load:
    """Runs scenes against one server, in a client process of their own."""

    def __init__(self, server: Server, found: list[Login], recipe: practice.Recipe) -> None:
        self.server, self.logins, self.recipe = server, found, recipe
        self.patients = [str(patient) for patient in practice.patient_ids(recipe)[1:]]
        self.names = _names(recipe)
        self._counts = 1

    def run(self, scene: Scene, *, seconds: float = SECONDS, turn: int = 0) -> Taken:
        plan = Plan(asdict(self.server.site), [asdict(one) for one in self.logins], self.patients, self.names, scene.clients,
                    seconds, scene.mix, scene.rate, seed=f"{scene.name}:{turn}", counts=self._counts)
        self._counts += CLIENTS_MOST
        done = subprocess.run([sys.executable, "-m", "bench.load"], input=json.dumps(asdict(plan)), capture_output=True,
                              text=True, cwd=practice.ROOT, check=False)
        if done.returncode:
            raise SystemExit(f"the clients failed: {done.stderr[-3000:]}")
        return Taken(**json.loads(done.stdout))

    def browser(self) -> Browser:
        """One signed-in browser in this process, for what is not timed."""
        made = Browser(self.server.site, self.logins[0], count=self._counts)
        self._counts += CLIENTS_MOST
        made.sign_in()
        return made


def _names(recipe: practice.Recipe) -> list[str]:
    """What people type: the beginnings of a name and a given name, as they would in the search field."""
    from permanence.accounts.permissions import today
    from permanence.demo.people import make_person

    day = today()
    people = [make_person(number, day) for number in range(0, recipe.patients, max(1, recipe.patients // 300))]
    return [quote(f"{person.birth_name[:4]} {person.given_names[0][:3]}".lower()) for person in people]


@contextmanager
def served(folder: Path, found: list[Login], recipe: practice.Recipe,
           environment: dict[str, str] | None = None) -> Iterator[Load]:
    with Server(folder, environment=environment) as server:
        yield Load(server, found, recipe)


def figures(load: Load, *, slow: bool, rounds: int = ROUNDS) -> list[Figure]:
    """Every scene in interleaved rounds: medians of the rounds' own percentiles."""
    taken: dict[str, list[Taken]] = {scene.name: [] for scene in SCENES}
    load.server.settle()
    load.run(PACED, seconds=3.0, turn=-1)  # every page compiled, every connection open
    for turn in range(rounds):
        for scene in SCENES:
            taken[scene.name].append(load.run(scene, turn=turn))
    disk = f", fsync {SLOW_FSYNC_MS} ms" if slow else ""
    return [*_pages(taken, disk, slow), *_desks(taken["desks"], disk, slow), *_crowd(taken, disk, slow)]


def _ms(taken: list[Taken], share: float, *names: str) -> list[float]:
    """One value a round."""
    return [percentile([time for name, times in one.times.items() if not names or name in names for time in times], share) * 1000
            for one in taken]


def _figure(name: str, values: list[float], unit: str, target: float | None, data: str, *, most: bool = True) -> Figure:
    return Figure(name, middle(values), unit, target, most, f"{data}; {SHARED}; {spread(values)}")


def _pages(taken: dict[str, list[Taken]], disk: str, slow: bool) -> list[Figure]:
    page = "the file of one of 10,000 patients at random"
    return [
        _figure(f"patient file, one client, median{disk}", _ms(taken["one"], 0.5), "ms", None if slow else 8, page),
        _figure(f"patient file, 4 clients closed loop, median{disk}", _ms(taken["four"], 0.5), "ms", None if slow else 18, page),
        _figure(f"patient file, 4 clients closed loop, p95{disk}", _ms(taken["four"], 0.95), "ms", 45 if slow else 35, page),
        _figure(f"patient file, 4 clients closed loop, throughput{disk}", [one.done / one.seconds for one in taken["four"]], "/s",
                None, page, most=False),
    ]


def _desks(taken: list[Taken], disk: str, slow: bool) -> list[Figure]:
    offered = "4 clients, 40 requests/s offered in all, a third each of search, draft, signature; from the instant due"
    return [_figure(f"{words}, 4 clients at 40/s, p95{disk}", _ms(taken, 0.95, name), "ms", None if slow else target, offered)
            for name, words, target in (("search", "search", 20), ("draft", "draft kept", 20), ("sign", "note signed", 40))]


def _crowd(taken: dict[str, list[Taken]], disk: str, slow: bool) -> list[Figure]:
    paced, closed = taken["paced"], taken["closed"]
    offered = "20 clients, 130 requests/s offered, 70 % file, 20 % search, 10 % writes; from the instant due"
    wrong = [error for one in (*paced, *closed) for error in one.errors]
    return [
        _figure(f"mixed, 20 clients at 130/s, p95{disk}", _ms(paced, 0.95), "ms", None if slow else 40, offered),
        _figure(f"mixed, 20 clients at 130/s, served{disk}", [one.done / one.seconds for one in paced], "/s", None, offered,
                most=False),
        Figure(f"mixed, 20 clients, errors{disk}", len(wrong), "", 0, True,
               f"of {sum(one.done for one in (*paced, *closed)):,} requests, paced and closed loop {sorted(set(wrong))[:3]}"),
        _figure(f"mixed, 20 clients closed loop, throughput{disk}", [one.done / one.seconds for one in closed], "/s",
                None if slow else 200, "the same mix without a pause", most=False),
    ]


def started(folder: Path, *, rounds: int = ROUNDS) -> Figure:
    """Start to first page."""
    took = []
    for _ in range(rounds):
        with Server(folder) as server:
            took.append(server.start_seconds)
    return Figure("start to first page", middle(took), "s", 1.5,
                  data=f"from the command to the sign-in page of the open practice, over TLS; {spread(took)}")


def memory(load: Load) -> list[Figure]:
    """After the load."""
    found, how = load.server.memory_mb()
    return [Figure("worker and supervisor after the load", sum(found), "MB", 180,
                   data=f"{how}; supervisor and worker: " + ", ".join(f"{one:.0f}" for one in found))]


