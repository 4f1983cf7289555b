"""What the home page and « Fermer le cabinet » say of a replacement: one card for what is to be read, prepared or written."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.handover import queries
from permanence.journal.doors import Reader
from permanence.lib import clock
from permanence.lib.dates import MONTHS
from permanence.lib.text import NBSP, plural
from permanence.web.jinja import today
from permanence.web.links import reverse

AFTER = datetime.timedelta(days=3)  # how long a note that was not written is still asked for


@dataclass(frozen=True, slots=True)
class Card:
    """`list_url`: the ten are shown in it, asked for once the page is there; the first of the others is what Alt O opens."""

    title: str
    text: str
    url: str
    button: str
    symbol: str
    list_url: str = ""


def of(reader: Reader) -> list[Card]:
    """The note to read first, then the list of the first mornings, then what is to be prepared before leaving. No patient."""
    if not queries.can_take_part(reader.actor):
        return []
    unread, mine, now = queries.unread(reader=reader), queries.mine(reader=reader), clock.now()
    names = member_names({head.author for head in unread} | {id for one in mine for id in (one.doctor, one.deputy)})
    cards = [_unread(head, names) for head in unread]
    for one in mine:
        cards += _deputy(one, names, now, reader) if one.deputy == reader.actor.member else _doctor(one, names, now)
    return sorted(cards, key=lambda card: bool(card.list_url))


def _unread(head: queries.Head, names: dict[UUID, str]) -> Card:
    said = f"{plural(head.patients, 'patient')}, {plural(head.promises, 'promesse')}."
    who = names.get(head.author, "votre remplaçant")
    return Card(f"Relève {days(head.first_day, head.last_day)}", f"De {who}. {said}", reverse("handover:note", args=(head.id,)),
                "Lire la relève", "clipboard-list")


def _deputy(one: queries.Period, names: dict[UUID, str], now: datetime.datetime, reader: Reader) -> Sequence[Card]:
    cards = []
    doctor = names.get(one.doctor, "la personne remplacée")
    closing = one.start <= now < one.end + AFTER and queries.is_last_day(now, one.end)
    if closing and not queries.handovers(one.id, reader=reader):
        said = f"Le remplacement de {doctor} finit {_day(one.last_day)}{NBSP}: ce que vous avez fait est déjà réuni."
        cards.append(Card("La relève", said, reverse("handover:write", args=(one.id,)), "Faire la relève", "clipboard-pen"))
    if queries.is_first_morning(now, one.start, one.end):
        url = reverse("handover:known", args=(one.id,))
        said = f"Vous remplacez {doctor} {days(one.first_day, one.last_day)}."
        cards.append(Card("Les dix patients à connaître", said, url, "Toute la liste", "users-round", url))
    return cards


def _doctor(one: queries.Period, names: dict[UUID, str], now: datetime.datetime) -> Sequence[Card]:
    if not queries.is_eve(now, one.start):
        return []
    deputy = names.get(one.deputy, "votre remplaçant")
    return [Card("Les dix patients à connaître", f"{deputy} vous remplace {days(one.first_day, one.last_day)}{NBSP}: vérifier sa liste.",
                 reverse("handover:known", args=(one.id,)), "Vérifier la liste", "users-round")]


def days(first: datetime.date, last: datetime.date) -> str:
    """« du 3 au 14 août », « du 28 juillet au 2 août », « du 4 août » for one day; the year when it is another one."""
    year = f" {last.year}" if last.year != today().year else ""
    end = f"{_ordinal(last.day)}{NBSP}{MONTHS[last.month - 1]}{year}"
    if first == last:
        return f"du{NBSP}{end}"
    begin = _ordinal(first.day) if first.month == last.month else f"{_ordinal(first.day)}{NBSP}{MONTHS[first.month - 1]}"
    return f"du{NBSP}{begin} au{NBSP}{end}"


def _ordinal(day: int) -> str:
    return "1er" if day == 1 else str(day)


def _day(day: datetime.date) -> str:
    return f"le{NBSP}{_ordinal(day.day)}{NBSP}{MONTHS[day.month - 1]}"
