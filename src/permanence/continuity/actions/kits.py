"""A new phrase of the kit, and the log of its files and sheets."""

import datetime
import os
from collections.abc import Mapping
from uuid import UUID, uuid5

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from permanence.accounts.permissions import check_administer, check_slots, check_write, today
from permanence.continuity import plan, rules
from permanence.continuity.models import KitCopy, KitKey, PlanAnswer
from permanence.journal import vault
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import collapse

PLAN = UUID("8f0f6e1c-2b0d-5a3a-9a1e-4f6c0b7d2a55")  # of the ids of a plan's answers


def new_phrase(*, by: Actor) -> str:
    """Draw a phrase, keep the key it gives, return the phrase: shown once, kept nowhere. Kits made before keep the old one.

    Raises Refused unless `by` administers the practice, or stands at its console.
    """
    check_slots(by)
    phrase, salt = rules.phrase_of(int.from_bytes(os.urandom(10), "big")), os.urandom(rules.SALT_BYTES)
    key = derive(phrase, salt, rules.ITERATIONS)
    kept = keep_key(by=by, salt=salt, iterations=rules.ITERATIONS, key=key)
    if bytes(KitKey.objects.values_list("key", flat=True).get(id=kept) or b"") != key:
        # The same form sent twice: the first phrase is in force, and this one would open nothing.
        raise Refused("Cette phrase a déjà été tirée, et ne se montre qu’une fois\u00a0: en tirer une nouvelle.", code="once")
    return phrase


def derive(phrase: str, salt: bytes, iterations: int) -> bytes:
    """PBKDF2-HMAC-SHA256 (RFC 8018) of the phrase without its hyphens: what any browser computes by WebCrypto."""
    return PBKDF2HMAC(SHA256(), rules.KEY_BYTES, salt, iterations).derive(rules.normal_phrase(phrase).encode())


@action
def keep_key(*, by: Actor, salt: bytes, iterations: int, key: bytes) -> UUID:
    """Journal the key of kits to come. Raises Refused unless `by` administers the practice."""
    check_slots(by)
    return KitKey.objects.create(salt=salt, iterations=iterations, key=key, made_at=clock.now(), made_by_id=by.member).id


@action
def log_copy(
    *,
    by: Actor,
    medium: str,
    first_day: datetime.date,
    last_day: datetime.date,
    patients: int,
    file_name: str = "",
    forms: str = "short",
) -> UUID:
    """Journal a kit that is about to leave, as a file or on paper: its blank forms have their numbers from here. Raises Refused."""
    check_write(by, Category.APPOINTMENTS, new=True)
    if forms not in rules.SETS:
        raise Refused("Choisissez le jeu de fiches dans la liste.", code="invalid")
    kinds = rules.SETS[forms]
    if medium not in ("file", "paper"):
        raise Refused("Un kit sort en fichier ou sur papier.", code="invalid")
    return KitCopy.objects.create(
        medium=medium,
        made_at=clock.now(),
        made_by_id=by.member,
        first_day=first_day,
        last_day=last_day,
        patients=patients,
        first_form=_next_form(),
        forms=sum(count for _, count in kinds),
        prefix=vault.current().replica.hex()[:4].upper(),
        kinds=[list(one) for one in kinds],
        file_name=file_name,
    ).id


def _next_form() -> int:
    """After the last number given today: numbers of one day and one replica never come twice."""
    last = KitCopy.objects.filter(made_at__date=today()).order_by("-first_form").values_list("first_form", "forms").first()
    return 1 if last is None else last[0] + last[1]


@action
def fill_plan(*, by: Actor, answers: Mapping[str, str]) -> int:
    """Keep what the practice fills in of its plan: only what changed is written. Returns how many. Raises Refused."""
    check_administer(by)
    changed = 0
    for key, text in answers.items():
        if key not in plan.fields():
            raise Refused("Cette ligne du plan n’existe pas\u00a0: actualisez la page.", code="invalid")
        said, id = collapse(text)[: plan.LONGEST], uuid5(PLAN, key)
        found = PlanAnswer.objects.filter(id=id).first()
        if (found.text if found else "") == said:
            continue
        if found is None:
            PlanAnswer.objects.create(id=id, key=key, text=said, changed_at=clock.now(), changed_by_id=by.member)
        else:
            found.text, found.changed_at, found.changed_by_id = said, clock.now(), by.member
            found.save()
        changed += 1
    return changed


@action
def destroyed(copy: UUID, *, by: Actor) -> None:
    """Somebody shredded the sheets of a printed kit. Raises Refused: rights, unknown, a file."""
    check_write(by, Category.APPOINTMENTS, new=True)
    found = KitCopy.objects.filter(id=copy, medium="paper").first()
    if found is None:
        raise Refused("Ce kit imprimé est introuvable\u00a0: revenir à la liste.", code="unknown")
    if found.destroyed_at is None:
        found.destroyed_at, found.destroyed_by_id = clock.now(), by.member
        found.save()
