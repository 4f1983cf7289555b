"""Growth references of the practice: loaded, replaced, retired by who administers it and cares for patients."""

from uuid import UUID

from permanence.accounts.permissions import check_administer, check_write
from permanence.consultations import growth_csv
from permanence.consultations.actions.lines import typed
from permanence.consultations.models import GrowthReference
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import collapse, fold

MOST = 12  # in service: each is read whenever a curve is drawn
UNKNOWN = "Cette référence est introuvable\u00a0: revenez à la liste des références."


@action
def keep_growth_reference(*, by: Actor, name: str, published: str, licence: str, table: str, replaces: UUID | None = None) -> UUID:
    """Put a table in service, in the place of another when `replaces` is said. Raises Refused: rights, empty, invalid, taken."""
    _check(by)
    values = {"name": collapse(name)[:60], "published": collapse(published)[:100], "licence": collapse(licence)[:200]}
    if not all(values.values()):
        raise Refused("Une référence a un nom, une publication et une licence\u00a0: complétez ces trois lignes.", code="empty")
    with typed():
        growth_csv.load_csv(table, name=values["name"], published=values["published"])
    old = _find(replaces) if replaces else None
    others = GrowthReference.objects.filter(retired_at=None).exclude(id=replaces).values_list("name", flat=True)
    _check_place(values["name"], list(others))
    if old is not None and old.retired_at is None:
        _retire(old, by)
    return GrowthReference.objects.create(**values, table=table, author_id=by.member, at=clock.now(), replaces_id=replaces).id


@action
def retire_growth_reference(reference: UUID, *, by: Actor) -> None:
    """It is no longer offered; it stays in the list of those retired. Raises Refused: rights, unknown."""
    _check(by)
    found = _find(reference)
    if found.retired_at is None:
        _retire(found, by)


@action
def restore_growth_reference(reference: UUID, *, by: Actor) -> None:
    """Offered again. Raises Refused: rights, unknown, taken."""
    _check(by)
    found = _find(reference)
    others = GrowthReference.objects.filter(retired_at=None).exclude(id=reference).values_list("name", flat=True)
    _check_place(found.name, list(others))
    found.retired_at = found.retired_by_id = None
    found.save()


def _check(by: Actor) -> None:
    check_write(by, Category.MEASURES, new=True)
    check_administer(by)


def _find(id: UUID) -> GrowthReference:
    found: GrowthReference | None = GrowthReference.objects.filter(id=id).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    return found


def _check_place(name: str, others: list[str]) -> None:
    """Two references of one name could not be told apart on a drawing. Raises Refused."""
    if fold(name) in {fold(other) for other in others}:
        raise Refused(f"«\u00a0{name}\u00a0» est déjà en service\u00a0: remplacez-la, ou donnez un autre nom.", code="taken")
    if len(others) >= MOST:
        raise Refused(f"{MOST} références sont déjà en service\u00a0: retirez-en une d’abord.", code="too_many")


def _retire(found: GrowthReference, by: Actor) -> None:
    found.retired_at, found.retired_by_id = clock.now(), by.member
    found.save()
