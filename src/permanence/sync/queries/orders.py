"""What a machine that may have been stolen open orders, and a titulaire elsewhere agrees to first (ADR 42)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from permanence.accounts import orders
from permanence.accounts.queries import member_names
from permanence.journal import arrival, chain, vault, wire
from permanence.journal.tables import table
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP
from permanence.sync import rules
from permanence.sync.kinds import french
from permanence.sync.models import Replica


def waits_for_a_person(author: rules.Known, act: Sequence[arrival.Arrival], everyone: Mapping[UUID, rules.Known]) -> bool:
    """An order of a portable machine, not agreed to yet. One that has just joined takes all from who let it in, until its own row comes."""
    if author.kind not in rules.PORTABLE or UUID(bytes=vault.current().replica) not in everyone:
        return False
    agreed = rules.places(author.orders_until)
    return any(one.outer.seq > agreed.get(one.outer.stream, 0) and _is_grave(one) for one in act)


def _is_grave(one: arrival.Arrival) -> bool:
    inner, author = one.inner, one.outer.replica
    if inner.object is None:
        return False
    if (known := table(inner.kind)) is not None and known.append_only:
        return _writes_again(inner, one.hash)
    if not inner.kind.startswith(rules.JUDGED):
        return False
    values, others = chain.open_values(one.sealed.body, inner), 0
    if inner.kind == rules.PRUNE and values is not None:
        own = "SELECT 1 FROM journal_entry WHERE hash = ? AND replica = ?"
        others = sum(run("default", own, target, author).fetchone() is None for target in values.get("entries", ()))
    if rules.is_grave(inner.kind, inner.object, values, author=author, others=others):
        return True
    return orders.is_grave(inner.kind, UUID(bytes=inner.object), values, author=UUID(bytes=author))


def _writes_again(inner: wire.Inner, hash: bytes) -> bool:
    """Something that is written once, and was: of two the one with the older clock counts, and a clock says what it likes."""
    return run("default", "SELECT 1 FROM journal_entry WHERE object = ? AND kind = ? AND hash <> ?", inner.object, inner.kind,
               hash).fetchone() is not None  # fmt: skip


# -- in words


def said(inner: wire.Inner, body: bytes | None) -> str:
    """What an order does; "" for one whose kind says it all."""
    if inner.object is None:
        return ""
    values = chain.open_values(body, inner) or {}
    if inner.kind == rules.REPLICA:
        return _of_machine(UUID(bytes=inner.object), values)
    if inner.kind == rules.SLOT:
        return "Retirer une feuille de secours" if values.get("removed_at") else "Nouvelle feuille de secours"
    if (known := table(inner.kind)) is not None and known.append_only:
        return f"Écrire une seconde fois{NBSP}: {french(inner.kind).lower()}"
    return _of_account(inner.kind, UUID(bytes=inner.object), values)


def _of_machine(id: UUID, values: Mapping[str, object]) -> str:
    row = Replica.objects.filter(id=id).first()
    name = f"«{NBSP}{values.get('name') or (row.name if row else 'machine inconnue')}{NBSP}»"
    if values.get("revoked_at"):
        return f"Révoquer {name}" + (", et la vider" if values.get("wipe") else "")
    if row is None:
        return f"Ajouter une machine, {name}"
    return f"Rétablir {name}" if "revoked_at" in values else f"Modifier la fiche de {name}"


def _of_account(kind: str, id: UUID, values: Mapping[str, object]) -> str:
    if kind == "accounts.member":
        name = member_names({id}).get(id)
        if name is None:
            return f"Nouveau membre, «{NBSP}{values.get('given_name', '')} {values.get('family_name', '')}{NBSP}»"
        return f"Départ de {name}" if values.get("departed_at") else f"Droits ou dates de {name}"
    if kind == "accounts.passkey" and values.get("revoked_at"):
        return "Retirer une clé d’accès"
    if kind in ("accounts.passkey", "accounts.invitation"):
        whose = values.get("member_id")
        member = UUID(bytes=whose) if isinstance(whose, bytes) and len(whose) == 16 else None
        name = member_names({member}).get(member, "un membre inconnu ici") if member else "un membre"
        return f"Nouvelle clé d’accès de {name}" if kind == "accounts.passkey" else f"Code d’entrée pour {name}"
    return "Modifier la fiche du cabinet" if kind == "accounts.practice" else ""
