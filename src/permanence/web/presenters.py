"""French words for what the code calls by number or code: categories, refusals, statuses, results of an action."""

from collections.abc import Iterable
from dataclasses import dataclass

from permanence.journal.categories import Category, Level
from permanence.lib.text import nbsp

CATEGORIES: dict[Category, str] = {
    Category.IDENTITY: "Identité",
    Category.NATIONAL_ID: "NIR et INS",
    Category.CONTACT: "Coordonnées",
    Category.FAMILY_LINKS: "Liens familiaux",
    Category.SOCIAL_RIGHTS: "Droits sociaux",
    Category.APPOINTMENTS: "Rendez-vous",
    Category.HISTORY: "Antécédents",
    Category.ALLERGIES: "Allergies",
    Category.LIFESTYLE: "Mode de vie",
    Category.TREATMENTS: "Traitements",
    Category.NOTES: "Notes de consultation",
    Category.PRIVATE_NOTES: "Notes personnelles",
    Category.MEASURES: "Mesures",
    Category.RESULTS: "Résultats d’examens",
    Category.IMAGES_SIGNALS: "Images et tracés",
    Category.DOCUMENTS: "Documents",
    Category.PRESCRIPTIONS: "Ordonnances",
    Category.VACCINATIONS: "Vaccinations",
    Category.PREGNANCY: "Grossesse",
    Category.BILLING: "Facturation",
    Category.MESSAGES: "Messages",
    Category.TASKS: "Tâches",
    Category.ADMINISTRATIVE_TEXT: "Notes administratives",
    Category.PROFESSIONAL: "Membres et postes",
    Category.JOURNAL: "Journal des accès",
}

LEVELS: dict[Level, str] = {
    Level.LISTED: "vu dans une liste",
    Level.READ: "lu",
    Level.PRINTED: "imprimé",
    Level.EXPORTED: "exporté",
    Level.SENT: "envoyé",
    Level.REPLICATED: "recopié",
}

REFUSALS: dict[str, str] = {
    "right": "Votre profession n’ouvre pas cette partie du dossier. Un médecin du cabinet peut vous renseigner.",
    "team": "Vous n’êtes pas dans l’équipe de soins de ce patient. Indiquer un motif pour ouvrir le dossier.",
    "opposition": "Le patient s’oppose à ce partage. Lui en parler, ou s’adresser à son médecin traitant.",
    "protected": "Dossier protégé\u00a0: seuls le médecin traitant et les personnes nommées l’ouvrent.",
    "sensitive": "Élément sensible\u00a0: son auteur ou le médecin traitant peut vous le montrer.",
    "minor_secret": "Secret du mineur\u00a0: cet élément reste entre le patient et le professionnel qui l’a écrit.",
    "private": "Note personnelle\u00a0: elle n’appartient qu’à son auteur.",
    "controller": "Ce dossier relève d’un autre praticien. Lui demander l’accès.",
    "purpose": "Cette tâche automatique n’a pas à lire ces données.",
    "holder": "Cet élément est dans un autre dossier\u00a0: l’ouvrir depuis le sien.",
    "reason": "Indiquer un motif pour ouvrir ce dossier.",
}
REFUSAL = "Cette partie du dossier ne vous est pas ouverte. Le médecin traitant peut vous renseigner."

REASONS: dict[str, str] = {
    "appointment": "rendez-vous",
    "waiting_room": "salle d’attente",
    "task": "tâche",
    "countersign": "note à contresigner",
    "call": "appel",
    "handover": "relève",
    "attending": "médecin traitant",
    "family_link": "lien familial",
    "recent_act": "acte récent",
    "search": "recherche",
    "none": "aucune raison trouvée",
}


def reason(codes: str) -> str:
    """« rendez-vous, médecin traitant »: why a file was opened, as found then."""
    return ", ".join(REASONS.get(code, code) for code in codes.split())


DONE: dict[str, str] = {
    "note": "Note signée",
    "complement": "Complément signé",
    "contresignee": "Note contresignée",
    "brouillon": "Brouillon supprimé",
    "reunis": "Brouillons réunis",
    "deplacee": "Note déplacée dans ce dossier",
    "patient": "Dossier créé",
    "identite": "Identité enregistrée",
    "souhaits": "Souhaits enregistrés",
    "contact": "Coordonnées enregistrées",
    "antecedent": "Antécédent enregistré",
    "allergie": "Allergie enregistrée",
    "traitement": "Traitement enregistré",
    "vaccin": "Vaccination enregistrée",
    "arrete": "Traitement arrêté",
    "aucune_allergie": "Aucune allergie connue, vérifié aujourd’hui",
    "note_personnelle": "Note personnelle enregistrée",
    "mesures": "Mesures enregistrées",
    "raccourci": "Raccourci de texte enregistré",
    "raccourci_retire": "Raccourci de texte retiré",
    "reference": "Référence de croissance en service",
    "reference_retiree": "Référence de croissance retirée",
    "document": "Document classé",
    "import": "Volet de synthèse importé",
    "import_deja": "Déjà importé : rien n’a été ajouté. Voici ce que la première fois avait apporté",
    "personne": "Personne n’attend\u00a0: marquer une arrivée d’abord",
    "bascule": "Décision enregistrée\u00a0: chacun la lit sur l’état du cabinet",
    "bascule_levee": "Décision levée",
    "garde_ouverte": "Ouvert pour votre garde",
    "plan": "Plan de continuité enregistré",
    "fiche_saisie": "Fiche saisie dans ce dossier, à sa date",
    "fiche_jointe": "Image jointe au dossier\u00a0: un soignant la saisira",
    "fiche_rendue": "Fiches rendues",
    "fiches_numerisees": "Pages lues\u00a0: chacune attend avec sa fiche",
    "page_retiree": "Page retirée",
    "kit_detruit": "Destruction inscrite",
    "retire": "Élément retiré",
    "remis": "Élément remis",
    "opposition": "Opposition enregistrée",
    "protection": "Protection enregistrée",
    "fusion": "Dossiers réunis",
    "separation": "Dossiers séparés",
    "rdv": "Rendez-vous pris",
    "rdv_modifie": "Rendez-vous modifié",
    "rdv_deplace": "Rendez-vous déplacé",
    "rdv_deplace_hors": "Rendez-vous déplacé hors d’une règle de son type\u00a0: l’ouvrir pour la voir",
    "rdv_prevu": "Rendez-vous remis « prévu »",
    "rdv_arrive": "Patient arrivé",
    "rdv_entre": "Patient en consultation",
    "rdv_fini": "Consultation terminée",
    "rdv_absent": "Noté absent",
    "rdv_annule": "Rendez-vous annulé",
    "tournee": "Ajouté à la tournée d’aujourd’hui",
    "venu": "Inscrit dans la file d’attente",
    "reglage": "Réglage enregistré",
    "membre": "Membre enregistré",
    "invitation": "Invitation créée",
    "depart": "Départ enregistré\u00a0: toutes les sessions sont closes",
    "poste": "Poste approuvé",
    "poste_retire": "Poste retiré",
    "poste_rattache": "Poste connu de l’autre machine",
    "exercice": "Exercice enregistré",
    "exercice_fini": "Coupure terminée\u00a0: les machines se retrouvent",
    "ouverture_retiree": "Retirée\u00a0: elle n’ouvre plus le cabinet",
    "session_close": "Session close",
    "papier_signe": "Signé",
    "imprime": "Envoyé à l’imprimante",
    "deja_imprime": "Déjà envoyé à l’imprimante\u00a0: ce second envoi n’a rien imprimé",
    "imprime_en_partie": "L’imprimante s’est arrêtée en route\u00a0: vérifier ce qui est sorti, imprimer le reste un par un",
    "papier_abandonne": "Brouillon supprimé",
    "acte": "Acte et paiement enregistrés",
    "acte_annule": "Acte annulé par une contre-écriture",
    "caisse": "Caisse du jour enregistrée",
    "entete": "En-tête enregistré",
    "imprimante": "Imprimante enregistrée",
    "formulaires": "Stock de formulaires enregistré",
    "decide": "Décidé",
    "plus_tard": "Remis à plus tard",
    "de_cote": "Laissé de côté",
    "demande": "Demande enregistrée\u00a0: chacun de ceux qu’elle concerne la voit sur tous ses écrans",
    "accord": "Accord donné",
    "refus": "Demande refusée",
    "tache": "Tâche enregistrée",
    "taches": "Tâches enregistrées",
    "liste": "Liste gardée",
    "liste_retiree": "Liste retirée",
    "distincts": "Noté : deux personnes",
    "appel": "Appel enregistré",
    "message": "Message envoyé",
    "tache_faite": "Tâche faite",
    "tache_rouverte": "Tâche remise à faire",
    "tache_annulee": "Tâche annulée",
    "tache_reportee": "Reportée",
    "tache_modifiee": "Tâche modifiée",
    "message_lu": "Message lu",
    "filet": "Filet enregistré",
    "agenda": "Agenda suivi : première lecture dans la minute",
    "agenda_retire": "Agenda retiré, avec ses rendez-vous à venir",
    "releve": "Relève transmise",
    "releve_lue": "Relève marquée lue",
    "dix": "Liste enregistrée",
    "rapproche": "Rapproché\u00a0: les autres valeurs restent dans l’historique",
    "machine": "Machine renommée",
    "machine_revoquee": "Machine révoquée\u00a0: elle n’est plus écoutée",
    "machine_retablie": "Machine rétablie\u00a0: elle est écoutée de nouveau",
    "accepte": "Accepté\u00a0: c’est fait",
    "principal": "Permanence est maintenant le logiciel principal",
}

PROFESSIONS: dict[str, str] = {
    "medecin": "Médecin",
    "sage_femme": "Sage-femme",
    "ipa": "Infirmier en pratique avancée",
    "ide": "Infirmier",
    "kine": "Kinésithérapeute ou autre soignant",
    "secretaire": "Secrétaire",
    "telesecretaire": "Télésecrétaire",
    "comptable": "Comptable",
    "informaticien": "Informaticien",
}

ROLES: dict[str, str] = {  # those whom one asks something of
    "medecin": "Médecins",
    "sage_femme": "Sages-femmes",
    "ipa": "Infirmiers en pratique avancée",
    "ide": "Infirmiers",
    "kine": "Autres soignants",
    "secretaire": "Secrétariat",
    "telesecretaire": "Télésecrétariat",
    "everyone": "Toute l’équipe",
}

STATUSES: dict[str, str] = {
    "titulaire": "Titulaire",
    "collaborateur": "Collaborateur",
    "remplacant": "Remplaçant",
    "interne": "Interne",
    "salarie": "Salarié",
}

NOTE_KINDS: dict[str, str] = {
    "consultation": "Consultation",
    "visite": "Visite à domicile",
    "telephone": "Appel téléphonique",
    "teleconsultation": "Téléconsultation",
    "prevention": "Bilan de prévention",
    "avis": "Avis",
    "coordination": "Coordination",
}
HISTORY_KINDS: dict[str, str] = {
    "medical": "Médical",
    "chirurgical": "Chirurgical",
    "obstetrical": "Obstétrical",
    "familial": "Familial",
    "facteur_risque": "Facteur de risque",
    "mode_vie": "Mode de vie",
    "alerte": "Point de vigilance",
}
TREATMENT_SOURCES: dict[str, str] = {
    "ici": "Prescrit ici",
    "prescrit_ailleurs": "Prescrit ailleurs",
    "declare": "Déclaré par le patient",
}
SEVERITIES: dict[str, str] = {
    "": "Non précisée",
    "legere": "Légère",
    "moderee": "Modérée",
    "severe": "Sévère",
    "vitale": "Mise en jeu vitale",
}

ASSURANCES: dict[str, str] = {
    "passkey": "clé d’accès",
    "console": "console du poste principal",
    "sheet": "feuille de secours",
    "machine": "tâche du cabinet",
    "demo": "démonstration",
}

IDENTITY_STATUSES: dict[str, tuple[str, str]] = {  # code -> words, tone (RNIV)
    "provisoire": ("Identité provisoire", "warn"),
    "recuperee": ("Identité récupérée", "plain"),
    "validee": ("Identité validée", "plain"),
    "qualifiee": ("Identité qualifiée", "ok"),
}

PROOFS: dict[str, str] = {
    "cni": "Carte nationale d’identité",
    "passeport": "Passeport",
    "titre_sejour": "Titre de séjour",
    "acte_naissance": "Acte de naissance et pièce du parent",
    "livret_famille": "Livret de famille et pièce du parent",
    "france_identite": "France Identité",
}

SEXES: dict[str, str] = {"F": "F", "M": "M", "U": "indéterminé", "": "non renseigné"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A short mark of the banner or of a row: 90 characters at most; tone is plain, ok, warn, dan or sys."""

    text: str
    tone: str = "plain"
    icon: str = ""


def category(value: int) -> str:
    """The category's French name; a number from a newer version is shown as such."""
    try:
        return CATEGORIES[Category(value)]
    except ValueError:
        return nbsp(f"Catégorie {value}")


def categories_of(mask: int) -> list[str]:
    """The names of the categories whose bits are set, in the order of their numbers."""
    return [category(bit) for bit in range(mask.bit_length()) if mask >> bit & 1]


def refusal(code: str) -> str:
    """Why, and what to do instead."""
    return nbsp(REFUSALS.get(code, REFUSAL))


def done(code: str) -> str:
    """What the toast says after an action; nothing for a code that is not on the list."""
    return nbsp(DONE[code]) if code in DONE else ""


def initials(name: str) -> str:
    """« Dr Claire MOREAU » gives CM."""
    words = [word for word in name.split() if word[:1].isupper() and word not in ("Dr", "Pr", "Mme", "M.")]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def enumerate_fr(words: Iterable[str]) -> str:
    """« identité, notes et mesures »."""
    words = list(words)
    return " et ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
