"""Who must not be forgotten when nothing works: risks told by the names of treatments and problems, as they are noted. Plain values."""

import re
from collections.abc import Iterable, Mapping

from permanence.lib.text import fold

# Beginnings of words, folded: international names first, then brands that people type. A name that is not here is not seen.
TREATMENTS: Mapping[str, tuple[str, ...]] = {
    "anticoagulant": ("warfarine", "coumadine", "fluindione", "previscan", "acenocoumarol", "sintrom", "apixaban", "eliquis", "rivaroxaban",
                      "xarelto", "dabigatran", "pradaxa", "edoxaban", "enoxaparine", "lovenox", "tinzaparine", "innohep", "heparine",
                      "calciparine", "fondaparinux", "arixtra"),
    "insuline": ("insuline", "lantus", "toujeo", "abasaglar", "levemir", "tresiba", "novorapid", "humalog", "apidra", "novomix"),
    "opioïde ou substitution": ("methadone", "buprenorphine", "subutex", "suboxone", "morphine", "skenan", "oramorph", "actiskenan",
                                "oxycodone", "oxycontin", "oxynorm", "fentanyl", "durogesic", "hydromorphone", "sophidone"),
    "chimiothérapie ou immunosuppresseur": (
        "methotrexate", "capecitabine", "xeloda", "imatinib", "hydroxycarbamide", "hydroxyuree", "azathioprine", "imurel", "mycophenolate",
        "cellcept", "tacrolimus", "ciclosporine", "adalimumab", "etanercept", "infliximab", "rituximab", "temozolomide"),
    "marge étroite": ("lithium", "teralithe", "digoxine", "theophylline", "phenytoine", "clozapine", "leponex", "valpro", "depakine",
                      "carbamazepine", "tegretol", "amiodarone", "cordarone"),
    "corticoïde au long cours": ("hydrocortisone", "prednisone", "cortancyl", "prednisolone", "solupred"),
}
PROBLEMS: Mapping[str, tuple[str, ...]] = {
    "dialyse": ("dialyse", "hemodialyse"),
    "grossesse": ("grossesse", "enceinte"),
    "soins palliatifs": ("palliatif", "palliative"),
    "greffe": ("greffe", "transplant"),
    "épilepsie": ("epilepsie", "comitial"),
    "insuffisance surrénale": ("addison", "surrenal"),
    "oxygène ou ventilation": ("oxygenotherap", "ventilation", "tracheotom"),
}
_WORD = re.compile(r"[a-z]+")


def of(treatments: Iterable[str], problems: Iterable[str]) -> tuple[str, ...]:
    """The risks that these words tell, each once, in the order of the tables."""
    return (*_told(TREATMENTS, treatments), *_told(PROBLEMS, problems))


def _told(table: Mapping[str, tuple[str, ...]], texts: Iterable[str]) -> list[str]:
    words = {word for text in texts for word in _WORD.findall(fold(text))}
    return [risk for risk, starts in table.items() if any(word.startswith(starts) for word in words)]
