"""What screens and paper say of each capability and state: its name, and what to do instead. No rule is here."""

from collections.abc import Mapping

from permanence.capabilities.rules import Capability, State
from permanence.lib.text import nbsp

_C, _S = Capability, State

LABELS: Mapping[Capability, str] = {
    _C.READ_RECORDS: "Lire les dossiers",
    _C.WRITE_RECORDS: "Écrire dans les dossiers",
    _C.REGISTER_PATIENT: "Créer un dossier",
    _C.AGENDA: "Agenda et salle d’attente",
    _C.PRESCRIBE: "Prescrire et imprimer",
    _C.E_PRESCRIPTION: "Ordonnance numérique",
    _C.CARE_SHEETS: "Télétransmission des feuilles de soins",
    _C.DMP: "DMP et Mon espace santé",
    _C.SECURE_MAIL: "Messagerie sécurisée (MSSanté)",
    _C.PATIENT_MESSAGES: "Messages aux patients",
    _C.DEVICES: "Appareils, photo, numérisation",
    _C.EXPORT: "Exports et copies de dossiers",
    _C.REMOTE_ACCESS: "Accès depuis l’extérieur",
    _C.RESEARCH_EXPORT: "Export pour la recherche",
}
# Nothing of these exists in this version: a screen that said « fonctionne » would lie. Whoever builds one takes it out.
NOT_BUILT = frozenset({_C.E_PRESCRIPTION, _C.CARE_SHEETS, _C.DMP, _C.SECURE_MAIL, _C.PATIENT_MESSAGES, _C.RESEARCH_EXPORT})

STATES: Mapping[State, str] = {
    _S.ON: "Fonctionne",
    _S.READ_ONLY: "Lecture seule",
    _S.QUEUED: "En attente",
    _S.OFF: "Arrêté",
}
SLOW = "Lent"
TOO_SLOW = "trop lent"  # the reason of the machine's own switches

_INSTEAD: Mapping[tuple[Capability, State], str] = {
    (_C.READ_RECORDS, _S.OFF): "Prendre le kit imprimé, ou l’ouvrir avec sa phrase sur un autre ordinateur. Demander au patient ses "
                               "ordonnances et ses documents. Pour une urgence, appeler le 15.",
    (_C.READ_RECORDS, _S.ON): "Continuer. Prendre le kit pour ce qui ne peut pas attendre.",
    (_C.WRITE_RECORDS, _S.OFF): "Lire reste possible. Écrire sur les fiches numérotées du kit, elles seront ressaisies. Ce qui est en "
                                "train d’être tapé reste gardé en brouillon.",
    (_C.WRITE_RECORDS, _S.ON): "Continuer. Attendre la confirmation de chaque enregistrement avant de fermer.",
    (_C.REGISTER_PATIENT, _S.OFF): "Remplir la fiche « Nouveau patient » du kit, pièce d’identité relue, téléphone répété à voix haute.",
    (_C.REGISTER_PATIENT, _S.ON): "Continuer. Vérifier que le dossier n’a pas été créé deux fois.",
    (_C.AGENDA, _S.READ_ONLY): "Lire la liste du jour. Noter sur papier les rendez-vous pris, avec l’heure et une initiale.",
    (_C.AGENDA, _S.OFF): "Suivre la liste du jour imprimée\u00a0: cocher arrivé, vu, absent.",
    (_C.PRESCRIBE, _S.READ_ONLY): "Relire et réimprimer ce qui est signé. Rédiger le reste sur la fiche « Ordonnance » du kit.",
    (_C.PRESCRIBE, _S.OFF): "Rédiger sur la fiche « Ordonnance » du kit, en dénomination commune, avec nom, RPPS et signature.",
    (_C.E_PRESCRIPTION, _S.QUEUED): "Imprimer l’ordonnance papier, elle est valable. Sa version numérique partira au retour.",
    (_C.E_PRESCRIPTION, _S.OFF): "Imprimer l’ordonnance papier, elle est valable.",
    (_C.CARE_SHEETS, _S.QUEUED): "Continuer. Les feuilles sont gardées et partiront dans l’ordre.",
    (_C.CARE_SHEETS, _S.OFF): "Remettre une feuille de soins papier au patient.",
    (_C.DMP, _S.QUEUED): "Continuer. Les documents attendent\u202f; remettre une copie papier de ce qui sert tout de suite.",
    (_C.DMP, _S.OFF): "Demander au patient d’ouvrir Mon espace santé sur son téléphone\u202f; remettre une copie papier.",
    (_C.SECURE_MAIL, _S.QUEUED): "Continuer. Les courriers attendent\u202f; téléphoner pour ce qui est urgent.",
    (_C.SECURE_MAIL, _S.OFF): "Téléphoner au confrère\u202f; remettre le courrier imprimé au patient.",
    (_C.PATIENT_MESSAGES, _S.QUEUED): "Continuer. Les messages attendent\u202f; téléphoner pour ce qui est urgent.",
    (_C.PATIENT_MESSAGES, _S.OFF): "Téléphoner. N’envoyer aucune donnée de santé par un courriel ou un SMS ordinaire.",
    (_C.DEVICES, _S.OFF): "Noter la mesure à la main, garder le papier, le numériser au retour.",
    (_C.EXPORT, _S.OFF): "Imprimer la page utile, ou la lire au téléphone à un confrère que l’on rappelle à un numéro connu.",
    (_C.REMOTE_ACCESS, _S.READ_ONLY): "Lire de l’extérieur\u202f; écrire sur les fiches du kit, ou revenir au cabinet.",
    (_C.REMOTE_ACCESS, _S.OFF): "Travailler depuis le cabinet. En visite, emporter le kit imprimé.",
    (_C.RESEARCH_EXPORT, _S.OFF): "Rien\u00a0: les soins n’en dépendent pas.",
}


def instead(capability: Capability, state: State) -> str:
    """What to do instead. Empty where nothing changes, and for a state that this capability does not take."""
    return nbsp(_INSTEAD.get((capability, state), ""))


def said(state: State, *, slow: bool = False) -> str:
    return SLOW if slow and state is State.ON else STATES[state]


def refusal(capability: Capability, state: State) -> str:
    """One sentence for a refusal: what, and what to do instead."""
    how = "est en lecture seule" if state is State.READ_ONLY else "est arrêté" if state is State.OFF else "est en attente"
    return nbsp(f"« {LABELS[capability]} » {how} pour vous en ce moment. {instead(capability, state)}".strip())
