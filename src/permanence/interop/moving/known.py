"""Who is known already, and who a row or a file is about: INS or NIR with the traits, strict traits, else near ones. Plain values."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from permanence.interop import rules
from permanence.lib.text import fold
from permanence.patients.rules import alike, name_key

MOST_CANDIDATES = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source last said of a patient: `written` holds a hash for each field."""

    id: UUID
    patient: UUID
    digest: str
    written: Mapping[str, str]


@dataclass(slots=True)
class Known:
    """The practice's patients as an import needs them, and what this source has brought before."""

    people: dict[UUID, dict[str, Any]] = field(default_factory=dict)  # kept files only
    seen: dict[str, Seen] = field(default_factory=dict)  # mark -> what this source said
    gone: set[str] = field(default_factory=set)  # marks of patients erased here since
    issues: set[str] = field(default_factory=set)  # contents that wait for a person already
    documents: set[tuple[UUID, str]] = field(default_factory=set)  # (kept file, SHA-256) of what is filed: of each person apart
    placed: set[str] = field(default_factory=set)  # marks of files that this source brought and that found their place
    directories: dict[str, UUID] = field(default_factory=dict)  # of a portability archive: whose each one is
    titles: dict[str, str] = field(default_factory=dict)  # of a portability archive: what it calls its files
    by_birth: dict[str, list[tuple[str, UUID]]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[tuple[str, UUID]]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[str, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))  # words of surnames, for files

    def add(self, patient: UUID, traits: Mapping[str, Any], *, shown: UUID | None = None) -> None:
        """Index one file; `shown`: the kept one of a person's files."""
        kept = shown or patient
        if kept == patient:
            self.people[patient] = dict(traits)
        given, iso = str(traits.get("first_given_name", "")), _iso(traits)
        for name in {traits.get("birth_name") or "", traits.get("used_name") or ""} - {""}:
            key = name_key(name, given)
            self.by_birth[iso].append((key, kept))
            self.by_name[key].append((iso, kept))
            for word in fold(name).split():
                self.by_word[word].add(kept)
        for number in (traits.get("ins"), traits.get("nir")):
            if number:
                self.by_number[str(number)[:13]].append(kept)


def _iso(traits: Mapping[str, Any]) -> str:
    born = traits.get("birth_date")
    return born.isoformat() if born else ""


@dataclass(frozen=True, slots=True)
class Found:
    """Whose row it is: one file, or candidates for a person to choose from; neither: nobody known."""

    patient: UUID | None = None
    candidates: tuple[UUID, ...] = ()
    why: str = ""


def find(known: Known, traits: Mapping[str, Any], *, elsewhere: frozenset[UUID] = frozenset()) -> Found:
    """The file of these traits (`ins` and `nir` among them). `elsewhere`: files that the same export names on another row: they
    are somebody else's for the other software, so only a person says that they are this one's.
    """
    key, iso = _key(traits), _iso(traits)
    sure = _only(known, _numbered(known, traits), traits)
    same = [sure] if sure is not None else _same(known, key, iso, traits)
    if len(same) > 1:
        return Found(None, tuple(same[:MOST_CANDIDATES]), "plusieurs dossiers ont ces traits d’identité")
    if same and same[0] in elsewhere:
        return Found(None, (same[0],), "une autre ligne du fichier a les mêmes traits d’identité")
    if same:
        return Found(same[0])
    near = [patient for patient in _near(known, key, iso, traits) if patient not in elsewhere]
    return Found(None, tuple(near[:MOST_CANDIDATES]), "un dossier ressemble à cette personne" if near else "")


def _same(known: Known, key: str, iso: str, traits: Mapping[str, Any]) -> list[UUID]:
    """Files with these strict traits: birth name, first given name, birth date and sex, all said on both sides."""
    if not iso or not _said(traits):
        return []
    close = dict.fromkeys(patient for other, patient in known.by_birth.get(iso, ()) if other == key)
    return [one for one in close if _said(known.people[one]) and _key(known.people[one]) == key and not _clash(known.people[one], traits)]


def _key(traits: Mapping[str, Any]) -> str:
    return name_key(str(traits.get("birth_name", "")), str(traits.get("first_given_name", "")))


def _said(traits: Mapping[str, Any]) -> bool:
    return traits.get("birth_sex", "U") in ("M", "F")


def _numbered(known: Known, traits: Mapping[str, Any]) -> set[UUID]:
    numbers = [str(traits[name])[:13] for name in ("ins", "nir") if traits.get(name)]
    return {patient for number in numbers for patient in known.by_number.get(number, ())}


def _only(known: Known, candidates: set[UUID], traits: Mapping[str, Any]) -> UUID | None:
    """The one file that has the number and whose traits agree: a NIR is its insured person's, a whole family may share it."""
    born, given = traits.get("birth_date"), set(fold(str(traits.get("first_given_name", ""))).split())
    agreed = [one for one in candidates if born and known.people[one].get("birth_date") == born
              and given & set(fold(str(known.people[one].get("first_given_name", ""))).split())
              and not rules.clash(known.people[one], traits)]  # fmt: skip
    return agreed[0] if len(agreed) == 1 else None


def _clash(here: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    numbers = here.get("ins"), there.get("ins")
    return bool(rules.clash(here, there, places=True)) or (all(numbers) and numbers[0] != numbers[1])


def _near(known: Known, key: str, iso: str, traits: Mapping[str, Any]) -> list[UUID]:
    """Same birth date and a close name, or the same name when one of the two has no birth date."""
    close = [patient for other, patient in known.by_birth.get(iso, ()) if iso and alike((key, iso), (other, iso))]
    close += [patient for born, patient in known.by_name.get(key, ()) if not born or not iso]
    if used := traits.get("used_name"):
        married = name_key(str(used), str(traits.get("first_given_name", "")))
        close += [patient for other, patient in known.by_birth.get(iso, ()) if iso and other == married]
    return list(dict.fromkeys(close))


# -- files


def about(known: Known, words: Sequence[str], births: Iterable[str]) -> set[UUID]:
    """Files of people born on one of these days (ISO) whose surname and given name both stand, whole, in the words."""
    text = f" {' '.join(words)} "
    return {patient for iso in births for key, patient in known.by_birth.get(iso, ()) if named(key, text)}


def named(key: str, text: str) -> bool:
    """Whether both parts of a name key stand in the text (folded, between spaces)."""
    family, _, given = key.partition("|")
    return bool(family and given) and f" {family} " in text and f" {given} " in text


def by_name_only(known: Known, words: Sequence[str]) -> list[UUID]:
    """Candidates when no birth date decides: the surname and a given name stand in the words."""
    text, found = f" {' '.join(words)} ", list[UUID]()
    for patient in {one for word in set(words) for one in known.by_word.get(word, ())}:
        here = known.people.get(patient, {})
        keys = [name_key(str(here.get(name) or ""), str(here.get("first_given_name") or "")) for name in ("birth_name", "used_name")]
        if any(named(key, text) for key in keys):
            found.append(patient)
    return sorted(found, key=lambda one: (str(known.people[one].get("birth_name", "")), one.bytes))[:MOST_CANDIDATES]
