"""`python -m drill.hand <operation>`: one thing done in a folder, by a process of its own, as a command of `permanence` does it.

What it is asked comes as JSON on its standard input, what it found goes out as JSON on its standard output.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drill.machines import ROOT, Failed, Machine, environment

if TYPE_CHECKING:
    from permanence.journal.folder import Folder

PEOPLE = {"benali": ("Karim", "Benali", "titulaire"), "petit": ("Léa", "Petit", "remplacant")}


def ask(machine: Machine, operation: str, **asked: Any) -> Any:
    """Let another process do it on this machine's folder, which nobody serves meanwhile. Raises Failed."""
    said = json.dumps({"folder": str(machine.folder), "key": str(machine.key), **asked})
    done = subprocess.run([sys.executable, "-m", "drill.hand", operation], input=said, text=True, capture_output=True, cwd=ROOT,
                          env=environment(), check=False)  # fmt: skip
    if done.returncode:
        raise Failed(f"{operation} on {machine.name}: {done.stderr[-3000:]}")
    return json.loads(done.stdout)


# -- in the other process


def _people(here: "Folder", asked: Mapping[str, Any]) -> dict[str, Any]:
    """Two more doctors, one post, and a passkey for each: put there through the actions; the sign-in itself is the real one."""
    from datetime import timedelta

    from permanence.accounts import actions, queries
    from permanence.accounts.permissions import today
    from permanence.journal.doors import Actor, Reader

    found = queries.members(reader=Reader.for_purpose("console"))
    by = Actor(found[0].id, assurance="demo")
    members = {"moreau": found[0].id}
    for key, (given, family, status) in PEOPLE.items():
        invited = actions.invite_member(
            family_name=family, given_name=given, title="Dr", profession="medecin", status=status, rpps="",
            of=found[0].id if status == "remplacant" else None, is_titulaire=status == "titulaire",
            until=today() + timedelta(days=asked["until"]) if status == "remplacant" else None, by=by)  # fmt: skip
        assert invited.member is not None
        members[key] = invited.member
    post_key, token, post = _post(by)
    return {key: _login(member, token, post_key, asked["rp_id"]) for key, member in members.items()} | {"post": str(post)}


def _post(by: Any) -> tuple[Any, str, Any]:
    from bench.browser import b64url, jwk_of, new_key, thumbprint
    from permanence.accounts import actions
    from permanence.journal.doors import Actor

    token, key = b64url(os.urandom(32)), new_key()
    post = actions.enrol_post(actions.invite_post(by=by).code, token_hash=hashlib.sha256(token.encode()).digest(), name="Exercice",
                              thumbprint=thumbprint(jwk_of(key)), public_key=jwk_of(key), by=Actor.machine("sign_in"))  # fmt: skip
    actions.approve_post(post, by=by)
    return key, token, post


def _login(member: Any, token: str, post_key: Any, rp_id: str) -> dict[str, str]:
    from cbor2 import dumps

    from bench.browser import b64url, new_key, pem_of
    from permanence.accounts import actions
    from permanence.journal.doors import Actor

    key, credential = new_key(), os.urandom(32)
    numbers = key.public_key().public_numbers()
    cose = dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})
    actions.add_passkey(credential_id=credential, public_key=cose, rp_id=rp_id, by=Actor(member, assurance="demo"))
    return {"member": member.hex, "credential": b64url(credential), "passkey": pem_of(key), "post_token": token,
            "post_key": pem_of(post_key), "rp_id": rp_id}  # fmt: skip


def _certify(here: "Folder", asked: Mapping[str, Any]) -> dict[str, Any]:
    """A leaf of the practice's authority for the relay's name, beside the folder."""
    from permanence.journal import authority
    from permanence.lib import clock, pki

    pair = authority.current()
    assert pair is not None
    leaf = pki.make_leaf(pair, [asked["host"]], now=clock.now())
    place = Path(asked["to"])
    place.mkdir(exist_ok=True)
    (place / "cert.pem").write_bytes(leaf.certificate + pair.certificate)
    (place / "key.pem").write_bytes(leaf.key)
    return {}


def _attach(here: "Folder", asked: Mapping[str, Any]) -> dict[str, Any]:
    """This machine and the relay, which no name service knows: entered by a one-use code, or known from the one that entered."""
    from permanence.journal import vault
    from permanence.sync import actions, relays
    from permanence.sync.lines import line_to, place_of

    base = f"{asked['origin']}/{vault.current().practice.hex()}/"
    if asked["code"]:
        relays.enter(here, line_to(base, here, at=place_of(asked["at"])), base, asked["code"])
    actions.remember_peer(base, at=asked["at"])
    return {}


def _read(here: "Folder", asked: Mapping[str, Any]) -> dict[str, Any]:
    """What this machine holds: by the words that were typed, and by the hash of every journaled table."""
    from permanence.agenda.models import Appointment
    from permanence.consultations.models import Allergy, Note, Treatment
    from permanence.journal import arrival, chain
    from permanence.patients.models import Patient
    from permanence.sync import queries
    from permanence.tasks.models import Task

    slots = []
    for _, object, name in asked["slots"]:
        register = chain.load_state(bytes.fromhex(object.replace("-", ""))).get(name)
        slots.append(sorted({str(value) for _, value in register.live.values()}) if register else [])
    return {
        "patients": _pairs(Patient, "id", "birth_name"), "notes": _pairs(Note, "text", "patient_id"),
        "appointments": _pairs(Appointment, "reason", "patient_id"), "tasks": _pairs(Task, "description", "patient_id"),
        "lines": _pairs(Allergy, "substance", "patient_id") + _pairs(Treatment, "dci", "patient_id"), "slots": slots,
        "conflicts": [[str(one.object), one.kind, list(one.fields)] for one in queries.waiting()],
        "held": sorted([replica.hex(), int(stream), size] for (replica, stream), size in arrival.held().items()),
        "aside": _count("journal_quarantined"), "entries": _count("journal_entry"), "tables": tables(),
    }  # fmt: skip


def _pairs(model: Any, *names: str) -> list[list[str]]:
    return [[str(value) for value in row] for row in model.objects.values_list(*names)]


def _count(table: str) -> int:
    from permanence.lib.sqlcipher import run

    return int(run("default", f"SELECT count(*) FROM {table}").fetchone()[0])


def tables() -> dict[str, str]:
    """SHA-256 of each journaled table, every column as SQL writes it (`quote`), and of the states behind them."""
    from permanence.journal import tables as journaled

    models = [model._meta.db_table for model in journaled.journaled_models()]
    return {name: _digest(name) for name in sorted([*models, "journal_objectstate", "journal_conflict"])}


def _digest(table: str) -> str:
    from permanence.lib.sqlcipher import run

    columns = sorted(row[1] for row in run("default", "SELECT * FROM pragma_table_info(?)", table).fetchall())
    order = "id" if "id" in columns else "object"
    values = " || ".join(f'quote("{name}")' for name in columns)
    whole = f"SELECT {values} FROM {table} ORDER BY {order}"
    total = hashlib.sha256(f"{table}({','.join(columns)})".encode())
    for (row,) in run("default", whole).fetchall():
        total.update(row.encode() + b"\n")
    return total.hexdigest()


OPERATIONS: dict[str, Callable[["Folder", Mapping[str, Any]], Any]] = {
    "people": _people, "certify": _certify, "attach": _attach, "read": _read,
}  # fmt: skip


def main() -> int:
    asked = json.load(sys.stdin)
    from permanence.cli import prepare

    path = Path(asked["folder"])
    prepare.django_for(prepare.Place(path))
    from permanence.journal import folder, keyring

    opened = folder.open_folder(path)
    try:
        opened.unlock_with(keyring.machine_slot(Path(asked["key"]).read_bytes())[1])
        print(json.dumps(OPERATIONS[sys.argv[1]](opened, asked)))
    finally:
        opened.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
