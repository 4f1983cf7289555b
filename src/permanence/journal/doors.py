"""Who acts, who reads, and what a reader was served. The doors of all rooms stand on these; gates decide above."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from permanence.journal.categories import Category, Level, mask


class Refused(Exception):
    """A named refusal. `sentence` is French, for the person, and says what to do instead; `code` is for code and journal."""

    def __init__(self, sentence: str, *, code: str = "refused") -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


class ReaderClosed(Exception):
    """A query ran after the page's access entry was sent: what it would return could not be journalled."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: ids only. A machine has no member and a purpose from the closed list `MACHINES`."""

    member: UUID | None
    session: UUID | None = None
    post: UUID | None = None
    assurance: str = "passkey"
    purpose: str = ""

    @classmethod
    def machine(cls, purpose: str) -> "Actor":
        """The practice's own machine at work. Raises KeyError for a purpose that is not on the list."""
        MACHINES[purpose]
        return cls(None, assurance="machine", purpose=purpose)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a reader without a person may read, and of how many patients at most in one go."""

    categories: frozenset[Category]
    most_patients: int


_KIT = frozenset({Category.IDENTITY, Category.CONTACT, Category.APPOINTMENTS, Category.HISTORY, Category.ALLERGIES, Category.TREATMENTS,
                  Category.VACCINATIONS, Category.MEASURES, Category.RESULTS, Category.PROFESSIONAL})
_CLINICAL = frozenset(Category) - {Category.PRIVATE_NOTES, Category.JOURNAL}
MACHINES: Mapping[str, Purpose] = {
    "sign_in": Purpose(frozenset({Category.PROFESSIONAL}), 0),
    "set_up": Purpose(frozenset({Category.PROFESSIONAL}), 0),
    "import": Purpose(_CLINICAL, 100_000),
    "backup": Purpose(frozenset(), 0),
    "evening_kit": Purpose(_KIT, 1_000),
    "verify": Purpose(frozenset({Category.JOURNAL}), 0),
    "restore": Purpose(frozenset(), 0),
    "sync": Purpose(frozenset(), 0),
    "console": Purpose(frozenset({Category.PROFESSIONAL}), 0),
    "services": Purpose(frozenset(), 0),
    "demo": Purpose(_CLINICAL | {Category.PRIVATE_NOTES}, 100_000),
}


class Ask(NamedTuple):
    """One thing a reader wants: a category of a patient's file, or one object in it."""

    patient: UUID
    category: Category
    object: UUID | None = None
    author: UUID | None = None
    sensitive: bool = False
    minor_secret: bool = False


class Gate(Protocol):
    """Decides on the serve path. One verdict per ask, in order: "" admits, anything else is the refusal's code."""

    name: str

    def judge(self, reader: "Reader", asks: Sequence[Ask]) -> Sequence[str]: ...


@dataclass(slots=True)
class _Account:
    """What one patient's file has given to this reader so far."""

    levels: dict[Level, int] = field(default_factory=dict)  # level -> mask of categories
    objects: set[UUID] = field(default_factory=set)
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class ServedPatient:
    """Per patient: the categories at each level, the objects, and whether one of them was flagged sensitive."""

    patient: UUID
    levels: tuple[tuple[int, int], ...]
    objects: tuple[UUID, ...]
    sensitive: bool


@dataclass(frozen=True, slots=True)
class Served:
    """All that one response gives away: the body of its access entry. Refusals are kept too: (patient, category, code)."""

    actor: Actor
    gates: tuple[str, ...]
    reason: str
    about: tuple[UUID, ...] | None  # whom the reason explains; None: the whole reading
    proof: str
    tier: str
    route: str
    patients: tuple[ServedPatient, ...]
    refused: tuple[tuple[UUID, int, str], ...]

    @property
    def empty(self) -> bool:
        return not self.patients and not self.refused


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to `Reader.admit`: which categories of which patients may be loaded."""

    admitted: frozenset[tuple[UUID, Category]]
    refusals: Mapping[tuple[UUID, Category], str]

    def may(self, patient: UUID, category: Category) -> bool:
        return (patient, category) in self.admitted

    def patients(self, category: Category) -> set[UUID]:
        return {patient for patient, admitted in self.admitted if admitted == category}


_as_int = attrgetter("int")  # the order of an id's bytes


class Reader:
    """One reading: a response, a printed page, an export. Doors ask it before they load; it remembers what it admitted.

    `leaving`: the least level at which anything counts, for a reading that ends on paper or in a file.
    """

    __slots__ = ("_about", "_accounts", "_closed", "_leaving", "_refused", "actor", "cache", "gates", "proof", "purpose",
                 "reason", "route", "tier")

    def __init__(self, actor: Actor, gates: Sequence[Gate], *, reason: str = "", proof: str = "", tier: str = "",
                 route: str = "", leaving: Level = Level.LISTED) -> None:
        if actor.member is None and not actor.purpose:
            raise Refused("Aucun lecteur : ouvrez une session avant de lire un dossier.", code="reader")
        self.actor, self.gates = actor, tuple(gates)
        self.reason, self.proof, self.tier, self.route = reason, proof, tier, route
        self.purpose = MACHINES[actor.purpose] if actor.purpose else None
        self.cache: dict[str, Any] = {}  # gates keep here what they looked up for this reading
        self._about: tuple[UUID, ...] | None = None
        self._leaving = leaving
        self._accounts: dict[UUID, _Account] = {}
        self._refused: dict[tuple[UUID, int, str], None] = {}
        self._closed = False

    @classmethod
    def for_purpose(cls, purpose: str, *, reason: str = "") -> "Reader":
        """A reader without a person. Raises KeyError for a purpose that is not on the closed list."""
        return cls(Actor.machine(purpose), (), reason=reason)

    def explain(self, reason: str, about: Iterable[UUID]) -> None:
        """Why these files are read: it says nothing of another one served beside them."""
        self.reason, self._about = reason, tuple(about)

    def leave(self, level: Level) -> None:
        """What is admitted from now on leaves by paper or as a file: it counts at this level at least."""
        self._leaving = max(self._leaving, level)

    def admit(self, patients: Iterable[UUID], categories: Collection[Category], *,
              level: Level = Level.READ) -> Admission:
        """Ask for whole categories of files. What is admitted counts as served at `level`; load nothing else."""
        asks = [Ask(patient, category) for patient in patients for category in categories]
        verdicts = self._judge(asks)
        admitted, refusals = set(), {}
        for ask, verdict in zip(asks, verdicts, strict=True):
            if verdict:
                refusals[ask.patient, ask.category] = verdict
            else:
                admitted.add((ask.patient, ask.category))
                self._record(ask, level)
        return Admission(frozenset(admitted), refusals)

    def admit_objects(self, asks: Sequence[Ask], *, level: Level = Level.READ) -> set[UUID]:
        """Ask for objects one by one. Returns the ids that may be loaded; they count as served at `level`."""
        admitted = set()
        for ask, verdict in zip(asks, self._judge(asks), strict=True):
            if not verdict:
                self._record(ask, level)
                if ask.object is not None:
                    admitted.add(ask.object)
        return admitted

    def may(self, patient: UUID, category: Category) -> bool:
        """Whether a category could be read, recording nothing: for menus and buttons only, never before a load."""
        return not self._decide([Ask(patient, category)])[0]

    def open_to(self, patient: UUID, categories: Iterable[Category]) -> frozenset[Category]:
        """`may` for several categories in one judgment."""
        asks = [Ask(patient, category) for category in categories]
        return frozenset(ask.category for ask, verdict in zip(asks, self._decide(asks), strict=True) if not verdict)

    def close(self) -> Served:
        """End of reading: everything that was served. A later `admit` raises ReaderClosed."""
        self._closed = True
        patients = tuple(ServedPatient(patient, tuple(sorted((int(k), v) for k, v in account.levels.items())),
                                       tuple(sorted(account.objects, key=_as_int)), account.sensitive)
                         for patient, account in self._accounts.items())
        return Served(self.actor, tuple(gate.name for gate in self.gates), self.reason, self._about, self.proof,
                      self.tier, self.route, patients, tuple(self._refused))

    @property
    def leaves(self) -> bool:
        """Whether what is read ends on paper or in a file: what is given to nobody is not put there."""
        return self._leaving >= Level.PRINTED

    @property
    def closed(self) -> bool:
        return self._closed

    def _judge(self, asks: Sequence[Ask]) -> list[str]:
        if self._closed:
            raise ReaderClosed("the access entry of this response is already on its way")
        verdicts = self._decide(asks)
        for ask, verdict in zip(asks, verdicts, strict=True):
            if verdict:
                self._refused[ask.patient, int(ask.category), verdict] = None
        return verdicts

    def _decide(self, asks: Sequence[Ask]) -> list[str]:
        """The first refusal of each ask, over the machine's own limits and all gates."""
        verdicts = [""] * len(asks)
        if self.purpose is not None:
            seen = {*self._accounts, *(ask.patient for ask in asks)}
            crowd = len(seen) > self.purpose.most_patients
            verdicts = ["purpose" if crowd or ask.category not in self.purpose.categories else "" for ask in asks]
        for gate in self.gates:
            for i, verdict in enumerate(gate.judge(self, asks)):
                verdicts[i] = verdicts[i] or verdict
        return verdicts

    def _record(self, ask: Ask, level: Level) -> None:
        account = self._accounts.get(ask.patient)
        if account is None:
            account = self._accounts[ask.patient] = _Account()
        level = max(level, self._leaving)
        account.levels[level] = account.levels.get(level, 0) | 1 << ask.category
        if ask.object is not None:
            account.objects.add(ask.object)
        account.sensitive = account.sensitive or ask.sensitive or ask.minor_secret


def categories_of(served: ServedPatient) -> int:
    """The mask of all categories served of one patient, whatever the level."""
    bits = 0
    for _, categories in served.levels:
        bits |= categories
    return bits


__all__ = ["MACHINES", "Actor", "Admission", "Ask", "Gate", "Purpose", "Reader", "ReaderClosed", "Refused", "Served",
           "ServedPatient", "categories_of", "mask"]
