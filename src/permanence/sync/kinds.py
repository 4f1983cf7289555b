"""Every record that two machines may write at once, in French: its parts, each settled as one, and what follows by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Part:
    """Fields that mean something together only: one question, one answer. All are of one category of data.

    `follow`: fields of the same versions that nobody chooses by themselves. `typed`: another text may be written instead.
    `keep`: "set" or "unset" when only a value that is filled, or that is not, may be kept: what protects or closes wins, and is undone
    by its own screen. `trusted`: it says to whom the file is open; nobody settles it in their own favour.
    """

    label: str
    fields: tuple[str, ...]
    follow: tuple[str, ...] = ()
    typed: bool = False
    keep: str = ""
    trusted: bool = False

    @property
    def name(self) -> str:
        return self.fields[0]

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.fields, *self.follow)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `title`: the fields that name one of them. `authors`: whose it is, where rights say « one's own ».

    `follow`: bookkeeping, of which the newest stands. `administers`: settled by who administers the practice.
    `line`: of the file's synthesis, where an edit beats a removal (ADR 11).
    """

    name: str
    parts: tuple[Part, ...]
    title: tuple[str, ...] = ()
    follow: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    administers: bool = False
    line: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)  # of fields whose part has several

    def part_of(self, name: str) -> Part | None:
        return next((part for part in self.parts if name in part.fields), None)

    def asked(self, fields: Iterator[str] | list[str] | tuple[str, ...]) -> list[Part]:
        """The parts that these fields in question are of."""
        wanted = set(fields)
        return [part for part in self.parts if wanted & set(part.fields)]


def _text(label: str, name: str) -> Part:
    return Part(label, (name,), typed=True)


def _one(label: str, name: str) -> Part:
    return Part(label, (name,))


def _closed(label: str, *names: str) -> Part:
    """What was ended or withdrawn somewhere stays so."""
    return Part(label, names[:1], names[1:], keep="set")


_REMOVED = _one("Retiré", "removed")
LINE = ("revision", "removed_revision", "changed_at", "changed_by_id")  # of a line: settled with whatever of it is
_LINE = ("patient_id", "author_id", "recorded_at", "external_key", *LINE)
_RESERVED = (Part("Élément sensible", ("sensitive",), keep="set"), Part("Secret du mineur", ("minor_secret",), keep="set"))
_PERIOD = {"start": "Début", "end": "Fin"}


def _line(name: str, *parts: Part, title: tuple[str, ...], follow: tuple[str, ...] = (), labels: Mapping[str, str] | None = None) -> Kind:
    return Kind(name, (*parts, *_RESERVED), title, (*_LINE, *follow), ("author_id",), line=True, labels=labels or {})


_PATIENT = Kind(
    "Identité et coordonnées",
    (
        Part("Traits d’identité", ("birth_name", "first_given_name", "given_names", "birth_date", "birth_sex", "birth_place_insee"),
             ("birth_date_text", "birth_place_label")),
        Part("Statut de l’identité", ("identity_status",), ("identity_proof", "identity_checked_on")),
        Part("INS", ("ins",), ("ins_oid",)),
        Part("NIR de l’assuré", ("nir",), ("nir_warning",)),
        _one("Rang de naissance de l’assuré", "insured_rank"),
        _text("Nom utilisé", "used_name"), _text("Prénom utilisé", "used_given_name"),
        _one("Décès", "deceased_on"), _one("Homonyme signalé", "marked_homonym"), _one("Identité douteuse", "doubtful"),
        _one("Identité fictive", "fictional"),
        Part("Dossier protégé", ("protected_kind",), keep="set", trusted=True), Part("Dossier sensible", ("sensitive",), keep="set",
        trusted=True),
        Part("Responsable du dossier", ("controller_id", "controller_is_practice"), trusted=True),
        Part("Médecin traitant", ("medecin_traitant_id", "medecin_traitant_text"), trusted=True),
        _text("Langue de l’interprète", "interpreter_language"),
        Part("Opposition à la recherche", ("research_objection",), ("research_objection_on",), keep="set"),
        _text("Mobile", "mobile"), _text("Téléphone", "phone"), Part("Courriel", ("email",), ("email_confirmed_on",)),
        Part("Adresse", ("address", "postal_code", "city")), Part("Adresse à risque", ("address_at_risk",), keep="set"),
        Part("Accord pour être contacté", ("contact_consent",), ("contact_consent_on",)),
        _text("Régime", "regime"), _text("Caisse", "caisse"), _one("Complémentaire santé solidaire", "c2s"), _text("Mutuelle", "mutuelle"),
        _one("ALD", "ald"), _text("ALD, précisions", "ald_text"),
        Part("Directives anticipées", ("directives", "directives_where", "directives_on")),
        _one("Terme de naissance", "birth_term_days"), _text("Note administrative", "administrative_text"),
    ),
    follow=("opened_by_id", "opened_at"),
    labels={"birth_name": "Nom de naissance", "first_given_name": "Premier prénom", "given_names": "Prénoms", "birth_date": "Naissance",
            "birth_sex": "Sexe", "birth_place_insee": "Lieu de naissance (INSEE)", "controller_is_practice": "Le cabinet",
            "postal_code": "Code postal", "city": "Ville", "medecin_traitant_text": "Hors du cabinet", "directives_where": "Où",
            "directives_on": "Date"},
)  # fmt: skip

_ASKED = (
    Part("État", ("status",), ("done_at", "done_by_id")), _one("Priorité", "priority"), _text("Tâche", "description"),
    Part("Pour", ("owner_id", "performer_type")), _one("Échéance", "due_on"), _text("Qui appelle", "caller"), _text("À rappeler au",
        "phone"),
    _one("Rappeler", "call_back"),
)  # fmt: skip
_ASKED_FOLLOW = ("intent", "code", "requester_id", "authored_on", "called_at")
_TASK = {"authors": ("requester_id", "owner_id"), "title": ("description",)}

_BOOKED = (
    Part("Quand et avec qui", ("start", "minutes", "practitioner_id"), ("no_hour", "round_rank", "waived_rules", "waived_reason")),
    _one("Type", "type_id"), _text("Motif", "reason"),
    Part("État", ("status",), ("status_reason", "arrived_at", "started_at", "ended_at")),
)  # fmt: skip
_BOOKED_FOLLOW = ("booked_by_id", "booked_at", "origin", "external_key", "read_only")
_WHEN = {"start": "Le", "minutes": "Durée", "practitioner_id": "Avec"}

KINDS: Mapping[str, Kind] = {
    "patients.patient": _PATIENT,
    "patients.contact": Kind("Personne à joindre", (_text("Nom", "name"), _one("Rôle", "role"), _text("Lien", "relation"),
        _text("Téléphone", "phone"), _text("Courriel", "email"), _text("Remarque", "note"), _REMOVED), ("name",), ("patient_id",)),
    "patients.link": Kind("Lien familial", (_one("Lien", "relation"), _REMOVED), (), ("patient_id", "other_id")),
    "patients.opposition": Kind("Opposition au partage", (Part("Levée", ("lifted",), keep="unset"),), (),
        ("patient_id", "member_id", "profession", "everyone", "since")),
    "patients.named": Kind("Personne désignée", (Part("Retirée", ("removed",), keep="set", trusted=True),), (), ("patient_id",
        "member_id")),
    "patients.alias": Kind("Dossiers réunis", (_closed("Séparés", "undone", "undone_by_id", "undone_at"), _text("Raison", "reason")), (),
        ("patient_id", "merged_id", "by_id", "at")),
    "consultations.allergy": _line("Allergie", _text("Substance", "substance"), _text("Réaction", "reaction"), _one("Gravité", "severity"),
        _text("Depuis", "since"), _text("Remarque", "note"), title=("substance",), follow=("code",)),
    "consultations.historyitem": _line("Antécédent", Part("Intitulé", ("label",), typed=True), _one("Code CIM-10", "cim10"), _one("Type",
        "kind"),
        _text("Chez", "relation"), Part("Période", ("start", "end", "active")), _one("À revoir le", "alert_on"), _text("Remarque", "note"),
        title=("label",), labels={**_PERIOD, "active": "Actif"}),
    "consultations.treatment": _line("Traitement", Part("Médicament", ("label", "dci", "dose", "form", "route"), ("code",)),
        _text("Posologie", "posology"), Part("Période", ("start", "end"), ("stop_reason",)), _one("Origine", "source"),
        _text("Prescripteur", "prescriber"), _text("Remarque", "note"), title=("dci", "label"),
        labels={**_PERIOD, "label": "Nom", "dci": "DCI", "dose": "Dosage", "form": "Forme", "route": "Voie"}),
    "consultations.vaccination": _line("Vaccination", Part("Vaccin", ("vaccine", "targets", "lot", "expiry"), ("code", "serial")),
        Part("Faite le", ("given",), ("given_on",)), _one("Rang", "rank"), Part("Où", ("site", "route")),
        Part("Par", ("given_by_id", "given_by_text")), _one("Prochaine dose", "next_due"), title=("vaccine",),
        labels={"vaccine": "Vaccin", "targets": "Contre", "lot": "Lot", "expiry": "Péremption", "site": "Site", "route": "Voie",
                "given_by_id": "Par", "given_by_text": "Hors du cabinet"}),
    "consultations.measure": _line("Mesure", Part("Valeur", ("values",), ("unit",)), _one("Prise le", "taken_at"), title=("code",),
        follow=("note_id", "code")),
    "consultations.privatenote": _line("Note personnelle", _text("Texte", "text"), title=()),
    "consultations.growthreference": Kind("Référence de croissance", (_one("Nom", "name"), _one("Publiée", "published"), _one("Licence",
        "licence"),
        Part("Table", ("table",)), _closed("Retirée", "retired_at", "retired_by_id")), ("name",), ("author_id", "at", "replaces_id"),
        administers=True),
    "consultations.recalllist": Kind("Liste de rappel", (_text("Nom", "name"), _one("Critères", "criteria"), _one("Partagée", "shared"),
        _REMOVED),
        ("name",), ("owner_id", "created_at"), ("owner_id",)),
    "consultations.snippet": Kind("Raccourci de texte", (_text("Abréviation", "trigger"), _text("Titre", "label"), _text("Texte",
        "text"), _REMOVED),
        ("label",), ("owner_id", "changed_by_id", "changed_at"), ("owner_id",)),
    "agenda.appointment": Kind("Rendez-vous", (*_BOOKED, _text("Note", "note"), _one("Sans rendez-vous", "walk_in"),
        Part("Visite à domicile", ("home_visit", "place"))), ("start",), ("patient_id", *_BOOKED_FOLLOW), ("practitioner_id",),
        labels={**_WHEN, "place": "Lieu"}),
    "agenda.slot": Kind("Plage de l’agenda", (Part("Quand et avec qui", ("start", "minutes", "practitioner_id"), ("waived_rules",
        "waived_reason")),
        _BOOKED[1], _BOOKED[2], Part("État", ("status",), ("status_reason",)), _one("Sorte", "kind"), _text("Intitulé", "label"),
        _text("Téléphone", "phone")), ("label", "start"), _BOOKED_FOLLOW, ("practitioner_id",), labels=_WHEN),
    "agenda.appointmenttype": Kind("Type de rendez-vous", (_text("Nom", "name"), _one("Couleur", "colour"), _one("Durée", "minutes"),
        _one("Nouveaux patients", "new_patients"), _one("Patients connus", "known_patients"), _one("Sans rendez-vous", "walk_in"),
        _one("Place dans la liste", "place"), Part("Âges", ("from_months", "below_months")), _one("Heures", "hours"),
        _one("Praticiens", "practitioner_ids"), _one("Au plus par jour", "most_a_day"), _one("Délai", "notice_hours"),
        _one("Battement", "buffer_minutes"), _REMOVED), ("name",), labels={"from_months": "À partir de (mois)",
        "below_months": "Avant (mois)"}),
    "agenda.opening": Kind("Horaires", (Part("Quand", ("weekday", "from_minute", "to_minute")), Part("Validité", ("since", "until")),
        _one("Sorte", "kind"), _REMOVED), (), ("practitioner_id",), ("practitioner_id",),
        labels={"weekday": "Jour", "from_minute": "De", "to_minute": "À", "since": "Du", "until": "Au"}),
    "agenda.absence": Kind("Absence", (Part("Période", ("start", "end")), _text("Raison", "reason"), _one("Remplacement par",
        "replacement_id"),
        _REMOVED), (), ("practitioner_id",), ("practitioner_id",), labels=_PERIOD),
    "tasks.task": Kind("Tâche", _ASKED, _TASK["title"], ("patient_id", *_ASKED_FOLLOW), _TASK["authors"],
        labels={"performer_type": "Profession"}),
    "tasks.practicetask": Kind("Tâche du cabinet", _ASKED, _TASK["title"], _ASKED_FOLLOW, _TASK["authors"],
        labels={"performer_type": "Profession"}),
    "tasks.delivery": Kind("Message", (), (), ("message_id", "member_id", "sent_at", "read_at")),
    "handover.flag": Kind("À connaître", (_one("État", "status"), _text("Phrase", "text"), *_RESERVED), (),
        ("patient_id", "replacement_id", "author_id", "place", "recorded_at"), ("author_id",)),
    "continuity.kitcopy": Kind("Kit du soir", (_closed("Détruit le", "destroyed_at", "destroyed_by_id"),), ("made_at",),
        ("medium", "made_at", "made_by_id", "first_day", "last_day", "patients", "first_form", "forms", "prefix", "kinds", "file_name"),
            administers=True),
    "continuity.plananswer": Kind("Plan de continuité", (_text("Réponse", "text"),), ("key",), ("key", "changed_at", "changed_by_id"),
        administers=True),
    "continuity.scannedpage": Kind("Page numérisée", (_one("Numéro de la fiche", "number"), _REMOVED), ("at",), ("by_id", "at",
        "dropped_as", "blob_hash", "blob_key", "size", "sha256")),
    "capabilities.switch": Kind("Service coupé ou limité", (_one("Jusqu’à", "ends_at"), _one("Prochain point", "next_update_at"),
        _closed("Levé le", "lifted_at", "lifted_by_id", "lifted_reason")), ("reason",), ("capability", "state", "audience", "whom",
        "reason",
        "by_id", "decided_at", "starts_at", "schedule", "overridable", "overrides_id", "replica", "second", "ready_at", "agreed_by_id",
        "agreed_at"), administers=True),
    "documents.letterhead": Kind("En-tête", (Part("Coordonnées", ("address", "phone", "email")), _text("Assurance", "insurance_number"),
        _text("Lignes", "lines")), (), ("owner_id",), administers=True, labels={"address": "Adresse", "phone": "Téléphone",
        "email": "Courriel"}),
    "documents.printersetting": Kind("Imprimante", (Part("Imprimante", ("printer", "tray")),), ("paper",), ("post_id", "paper"),
        administers=True, labels={"printer": "Imprimante", "tray": "Bac"}),
    "interop.copied": Kind("À recopier", (), (), ("patient_id", "kind", "object_id", "by_id", "at", "undone")),
    "interop.filet": Kind("Filet", (Part("Mode", ("mode", "source")), Part("Dossiers surveillés", ("folder", "laboratory", "minutes"))),
        (),
        ("since", "until", "by_id", "at"), administers=True,
        labels={"mode": "Mode", "source": "Logiciel", "folder": "Dossier", "laboratory": "Laboratoire", "minutes": "Durée"}),
    "interop.issue": Kind("Ligne à décider", (_one("État", "state"),), ("place",), ("run_id", "kind", "source", "place", "line", "raw",
        "reason",
        "code", "content", "mark", "fields", "candidates", "by_id", "at", "size", "mime", "blob_hash", "blob_key"), administers=True),
    "interop.origin": Kind("Provenance", (), (), ("patient_id", "import_id", "document_id", "series", "key", "kind", "object_id",
        "content",
        "revision", "version")),
    "interop.outsideagenda": Kind("Agenda suivi", (_text("Nom", "name"), Part("Adresse", ("address", "local")), _REMOVED), ("name",),
        ("practitioner_id", "by_id", "at"), administers=True, labels={"address": "Adresse", "local": "Dans le réseau du cabinet"}),
    "interop.profile": Kind("Modèle de reprise", (_one("Colonnes", "columns"), _text("Nom", "name"), _REMOVED), ("name",), ("by_id", "at"),
        administers=True),
    "interop.run": Kind("Reprise de dossiers", (), ("source",), ("source", "profile_id", "place", "by_id", "started_at", "ended_at",
        "state",
        "counts", "told", "undone_by_id", "undone_at")),
    "interop.sourcerow": Kind("Ligne reprise", (), (), ("patient_id", "run_id", "source", "mark", "digest", "written", "at")),
    "accounts.practice": Kind("Cabinet", (_text("Nom", "name"), _one("Sites", "sites")), ("name",), ("rp_id", "fictional", "founded_at")),
    "accounts.member": Kind("Membre", (Part("Nom", ("title", "given_name", "family_name")), _one("RPPS", "rpps"),
        Part("Statut", ("profession", "status", "of_id"), trusted=True), _one("Sites", "sites"),
        Part("Accès", ("since", "until", "temporary"), trusted=True),
        Part("Administre le cabinet", ("is_titulaire",), keep="unset", trusted=True), _closed("Parti le", "departed_at")),
        ("given_name", "family_name"), ("joined_at",),
        labels={"title": "Titre", "given_name": "Prénom", "family_name": "Nom", "profession": "Profession", "status": "Statut",
            "of_id": "De",
                "since": "Du", "until": "Au", "temporary": "Temporaire"}),
    "accounts.passkey": Kind("Clé d’accès", (_text("Nom", "label"), _closed("Retirée le", "revoked_at")), ("label",), ("member_id",
        "credential_id", "public_key", "aaguid", "rp_id", "transports", "created_at", "console", "prf_capable")),
    "accounts.post": Kind("Poste", (_text("Nom", "name"), _closed("Retiré le", "revoked_at")), ("name",),
        ("owner_id", "token_hash", "thumbprint", "public_key", "replica_id", "enrolled_at", "approved_by_id", "approved_at")),
    "accounts.invitation": Kind("Invitation", (_closed("Retirée le", "withdrawn_at"),), ("name",), ("purpose", "code_hash", "member_id",
        "name",
        "made_by_id", "expires_at", "used_at")),
    "accounts.consent": Kind("Décision à deux", (_closed("Refusée le", "refused_at", "refused_by_id"),), (), ("act", "member_id",
        "asked_by_id",
        "asked_at", "ready_at", "agreed_by_id", "agreed_at", "done_at")),
    "accounts.unlockslot": Kind("Façon d’ouvrir le cabinet", (_closed("Retirée le", "removed_at", "removed_by_id"),), (),
        ("kind", "passkey_id", "added_at", "added_by_id", "box_key", "speaks_key", "vouches_key")),
    "continuity.exercise": Kind("Exercice de coupure", (), (), ("kind", "replica_id", "by_id", "at", "until", "ended_at", "checks",
        "came_in", "written", "received", "copies_equal")),
    "sync.replica": Kind("Machine", (_text("Nom", "name"), _one("Adresses", "hosts"), _closed("Révoquée le", "revoked_at",
        "revoked_by_id", "revoked_reason"),
        Part("À effacer", ("wipe",), keep="set")), ("name",), ("kind", "verify_key", "transport_key", "transport_box_key", "origin",
        "added_by_id", "added_at", "succeeds_id", "vouched", "heard_until", "orders_until",
        "panel_of_id", "entrusted_key", "root_key", "root_epoch", "root_lacks")),
}  # fmt: skip

# What is written once and never changed: for what a revoked machine wrote, which is shown by kind.
WRITTEN_ONCE: Mapping[str, str] = {
    "accounts.postkey": "Poste enregistré sur une autre machine", "accounts.rehearsal": "Entrée pendant une coupure",
    "billing.act": "Acte et paiement", "billing.closing": "Caisse du jour", "consultations.allergystatement": "Absence d’allergie connue",
    "consultations.countersignature": "Contresignature", "consultations.note": "Note de consultation",
    "consultations.notemove": "Note déplacée", "consultations.vaccineproduct": "Vaccin du catalogue", "continuity.kitkey": "Clé du kit",
        "continuity.caughtup": "Fiche papier ressaisie", "continuity.formreturn": "Fiche papier rendue",
    "documents.document": "Document", "documents.letter": "Courrier ou certificat", "documents.result": "Résultat",
    "documents.setaside": "Original mis de côté", "handover.annotation": "Phrase d’une relève", "handover.handover": "Relève",
    "handover.receipt": "Relève lue", "interop.former": "Ancienne valeur reprise", "interop.import": "Import",
    "interop.moved": "Dossier repris", "patients.distinct": "Deux personnes distinguées",
        "prescriptions.formstock": "Stock de formulaires",
    "prescriptions.prescription": "Ordonnance", "tasks.message": "Message", "tasks.practicemessage": "Message du cabinet",
    "sync.root": "Nouvelle racine du cabinet", "sync.rootbox": "Racine transmise à une machine",
    "sync.keydrawn": "Nouvelle clé d’un dossier",
    "sync.entrustedkey": "Clé d’un dossier confiée à un portable", "sync.withdrawnkey": "Clé d’un dossier reprise à un portable",
    "journal.erase": "Effacement d’un dossier", "journal.prune": "Retrait d’un contenu",
}  # fmt: skip


def french(kind: str) -> str:
    """What a kind of record is called; a newer version's by its own name."""
    return KINDS[kind].name if kind in KINDS else WRITTEN_ONCE.get(kind, kind)
