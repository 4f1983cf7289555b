"""Which transport keys speak for a practice: the first by a one-use code, the others by one that may admit; and what it keeps here."""

import secrets
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpResponse, HttpResponseBase

from permanence.journal import messages
from permanence.journal.exchange import Malformed
from permanence.journal.messages import ADMITTING, KINDS, Status
from permanence.lib import clock, suite
from permanence.relay import db, events, heads, shares
from permanence.relay.asking import NBSP, Asker, Refusal

_CODE = b"permanence/relay/code/v1\0"
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: nothing that is read for another
LIFE_MS = 7 * 24 * 3600 * 1000
MOST_KEYS = 200
MOST_NAMED = 8  # practices that name one sheet's key; there is one, unless somebody plays
NO_CODE = f"Ce code d’inscription n’est pas valable, ou il a déjà servi{NBSP}: demandez-en un autre à l’hébergeur du relais."
NOT_KIND = f"Cette machine ne peut ni ajouter ni retirer une machine{NBSP}: faites-le depuis le bureau."
NO_SHEET = f"Le relais ne connaît pas cette feuille de secours{NBSP}: elle a été remplacée, ou le cabinet passe par un autre relais."


@dataclass(frozen=True, slots=True)
class Offer:
    """What a registration code opens. `practice`: for that one only, which has lost its machines."""

    mode: str = "full"
    most_bytes: int = 50 << 30
    most_entries: int = 20_000_000
    most_blobs: int = 500_000
    practice: bytes | None = None


def offer(what: Offer) -> str:
    """A new code, shown once: 100 bits in five groups."""
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))
    db.run("INSERT INTO relay_registration (code, practice, mode, most_bytes, most_entries, most_blobs, until)"
           " VALUES (%s, %s, %s, %s, %s, %s, %s)", _hashed(code), what.practice, what.mode, what.most_bytes, what.most_entries,
           what.most_blobs, clock.ms() + LIFE_MS)  # fmt: skip
    return code


def _hashed(code: str) -> bytes:
    kept = "".join(sign for sign in code.upper() if sign in _LETTERS)
    return suite.sha256(_CODE, kept.encode())


def register(asker: Asker, data: bytes) -> bytes:
    """A key that signed this request, and has the code, speaks from now on. The same key with the same code: the same answer."""
    code, kind = _one(messages.rows_of(data, str, str, most=1))
    _refuse_unknown_kind(kind)
    with transaction.atomic():
        found = db.one("SELECT code, practice, mode, most_bytes, most_entries, most_blobs, until, used_for, used_by FROM relay_registration"
                       " WHERE code = %s" + db.locking(), _hashed(code))  # fmt: skip
        if found is None:
            raise Refusal(403, "code", NO_CODE)
        hashed, only, mode, most_bytes, most_entries, most_blobs, until, used_for, used_by = found
        if used_by is None:
            there = db.one("SELECT 1 FROM relay_practice WHERE practice = %s", asker.practice)
            another = only != asker.practice and (there is not None or only is not None)  # a new practice's code opens no other's door
            if until < clock.ms() or another:
                raise Refusal(403, "code", NO_CODE)
            if not there:
                db.run("INSERT INTO relay_practice (practice, mode, arrivals, batches, bytes, most_bytes, entries, most_entries, blobs,"
                       " most_blobs, since) VALUES (%s, %s, 0, 0, 0, %s, 0, %s, 0, %s, %s)",
                       asker.practice, mode, most_bytes, most_entries, most_blobs, clock.ms())  # fmt: skip
            db.run("UPDATE relay_registration SET used_for = %s, used_by = %s WHERE code = %s", asker.practice, asker.key, hashed)
            _add(asker.practice, asker.key, kind, None)
        elif (bytes(used_for), bytes(used_by)) != (asker.practice, asker.key):
            raise Refusal(403, "code", NO_CODE)
    return status(asker, b"")


def of_sheet(asker: Asker, data: bytes) -> bytes:
    """Whose recovery sheet signed this: who holds the paper alone knows no practice's id. Rows [practice], first named first: another
    practice that names the same key hides nobody, and opens nothing."""
    found = db.rows("SELECT practice FROM relay_key WHERE key = %s AND kind = %s AND active = %s ORDER BY since, practice LIMIT %s",
                    asker.key, "sheet", True, MOST_NAMED)  # fmt: skip
    if not found:
        raise Refusal(403, "key", NO_SHEET)
    return messages.rows([bytes(practice)] for (practice,) in found)


def _add(practice: bytes, key: bytes, kind: str, by: bytes | None) -> None:
    db.run("INSERT INTO relay_key (practice, key, kind, active, named_by, since) VALUES (%s, %s, %s, %s, %s, %s)"
           " ON CONFLICT (practice, key) DO UPDATE SET active = excluded.active, kind = excluded.kind, named_by = excluded.named_by",
           practice, key, kind, True, by, clock.ms())  # fmt: skip
    if kind in ADMITTING:
        _take_in(practice, key)


def _take_in(practice: bytes, by: bytes) -> None:
    """A laptop that entered alone, by a code, had the whole share: beside a machine that may admit, it is as if that one had named it."""
    for key, kind in db.rows("SELECT key, kind FROM relay_key WHERE practice = %s AND named_by IS NULL", practice):
        if kind not in ADMITTING:
            db.run("UPDATE relay_key SET named_by = %s WHERE practice = %s AND key = %s", by, practice, bytes(key))


def _one(found: list[list[object]]) -> list[str]:
    if len(found) != 1:
        raise Malformed("one row")
    return [str(value) for value in found[0]]


def _refuse_unknown_kind(kind: str) -> None:
    if kind not in KINDS:
        raise Malformed("kind")


def give(asker: Asker, data: bytes) -> bytes:
    """All keys, those removed included."""
    found = db.rows("SELECT key, kind, active FROM relay_key WHERE practice = %s ORDER BY since, key", asker.practice)
    return messages.rows([bytes(key), kind, bool(active)] for key, kind, active in found)


def add(asker: Asker, data: bytes) -> HttpResponseBase:
    """Let another key speak."""
    _refuse_other_kinds(asker)
    found = messages.rows_of(data, bytes, str, most=MOST_KEYS)
    with transaction.atomic():
        shares.hold(asker)
        for key, kind in found:
            _refuse_unknown_kind(kind)
            if len(key) != 32:
                raise Malformed("key")
            _add(asker.practice, key, kind, asker.key)
        if db.one("SELECT count(*) FROM relay_key WHERE practice = %s", asker.practice)[0] > MOST_KEYS:
            raise Refusal(507, "quota", shares.QUOTA)
    return HttpResponse(status=204)


def remove(asker: Asker, data: bytes) -> HttpResponseBase:
    """From now on those keys are refused. One that may admit always remains: nobody locks a practice out."""
    _refuse_other_kinds(asker)
    gone = [row[0] for row in messages.rows_of(data, bytes, most=MOST_KEYS)]
    with transaction.atomic():
        shares.hold(asker)
        for key in gone:
            db.run("UPDATE relay_key SET active = %s WHERE practice = %s AND key = %s", False, asker.practice, key)
        left = db.rows("SELECT kind FROM relay_key WHERE practice = %s AND active = %s", asker.practice, True)
        if not any(kind in ADMITTING for (kind,) in left):
            raise Refusal(403, "kind", f"Ce serait la dernière machine qui peut en ajouter d’autres{NBSP}: ajoutez d’abord celle qui la "
                          "remplace.")  # fmt: skip
    for key in gone:
        events.streams.end(asker.practice, key)
    return HttpResponse(status=204)


def _refuse_other_kinds(asker: Asker) -> None:
    if asker.kind not in ADMITTING:
        raise Refusal(403, "kind", NOT_KIND)


def status(asker: Asker, data: bytes) -> bytes:
    """What the relay keeps of this practice."""
    found = db.one("SELECT batches, mode, bytes, most_bytes, entries FROM relay_practice WHERE practice = %s", asker.practice)
    aside = db.one("SELECT count(*) FROM relay_aside WHERE practice = %s", asker.practice)[0]
    until, mode, used, most, entries = found
    return Status(heads.secret()[32:], until, mode, used, most, entries, aside).encode()
