"""Every route of the screens, each with its tag; the account's own come from `account`."""

from django.urls import include, path

from permanence.web.billing import urls as billing
from permanence.web.catchup import urls as catchup
from permanence.web.crisis import urls as crisis
from permanence.web.dossier import (
    amending,
    documents,
    file,
    identity,
    lines,
    measures,
    merging,
    notes,
    older,
    search,
    sharing,
    signed,
    vsm,
)
from permanence.web.dossier import urls as writing
from permanence.web.handover import urls as handover
from permanence.web.home import closing
from permanence.web.home import views as home
from permanence.web.machines import answering
from permanence.web.machines import urls as between
from permanence.web.moving import urls as moving
from permanence.web.panel import duplicates
from permanence.web.panel import urls as panel
from permanence.web.papers import urls as papers
from permanence.web.photo import desk, phone
from permanence.web.practice import accesses, bar, consents, enrolling, health, kits, members
from permanence.web.ready import urls as ready
from permanence.web.routes import Tag, route
from permanence.web.sync import urls as sync
from permanence.web.tasks import urls as tasks

PUBLIC, SIGNED_IN, CLINICAL, SENSITIVE = Tag.PUBLIC, Tag.SIGNED_IN, Tag.CLINICAL, Tag.SENSITIVE

_home = [
    route("", home.day, tag=CLINICAL, name="day"),
    route("a-faire/", home.to_do, tag=CLINICAL, name="todo"),
    route("fermer/", closing.closing, tag=CLINICAL, name="closing"),
    route("derniers/", home.recents, tag=CLINICAL, name="recents"),
]

_patients = [
    route("", search.search, tag=CLINICAL, name="search"),
    route("palette/", search.palette, tag=CLINICAL, name="palette"),
    route("nouveau/", search.new, tag=CLINICAL, name="new"),
    route("doublons/", duplicates.duplicates, tag=CLINICAL, name="duplicates"),
    route("doublons/distincts/", duplicates.distinct, tag=CLINICAL, name="distinct"),
    route("import/", vsm.upload, tag=CLINICAL, name="vsm"),
    route("<uuid:patient>/identite/", identity.identity, tag=CLINICAL, name="identity"),
    route("<uuid:patient>/identite/modifier/", amending.edit, tag=CLINICAL, name="edit"),
    route("<uuid:patient>/entourage/", amending.contact, tag=CLINICAL, name="contact_new"),
    route("<uuid:patient>/entourage/<uuid:contact>/", amending.contact, tag=CLINICAL, name="contact"),
    route("<uuid:patient>/entourage/<uuid:contact>/retirer/", amending.contact_remove, tag=CLINICAL, name="contact_remove"),
    route("<uuid:patient>/protection/", sharing.protection, tag=SENSITIVE, name="protection"),
    route("<uuid:patient>/opposition/", sharing.opposition, tag=SENSITIVE, name="opposition"),
    route("<uuid:patient>/opposition/<uuid:opposition>/lever/", sharing.opposition_lift, tag=SENSITIVE, name="opposition_lift"),
    route("<uuid:patient>/reunir/", merging.merge, tag=SENSITIVE, name="merge"),
    route("<uuid:patient>/separer/<uuid:alias>/", merging.unmerge, tag=SENSITIVE, name="unmerge"),
    *writing.patients,
]

_KINDS = (
    ("history", "antecedent"),
    ("allergy", "allergie"),
    ("treatment", "traitement"),
    ("private_note", "note-personnelle"),
)

_dossier = [
    route("<uuid:patient>/", file.file, tag=CLINICAL, name="file"),
    route("<uuid:patient>/suite/", older.older, tag=CLINICAL, name="older"),
    route("<uuid:patient>/note/", notes.compose, tag=CLINICAL, name="compose"),
    route("<uuid:patient>/note/brouillon/", notes.draft_save, tag=CLINICAL, name="draft_save"),
    route("<uuid:patient>/note/brouillon/<uuid:draft>/supprimer/", notes.draft_discard, tag=CLINICAL, name="draft_discard"),
    route("<uuid:patient>/note/signer/", notes.sign, tag=CLINICAL, name="sign"),
    route("<uuid:patient>/note/<uuid:note>/", signed.note, tag=CLINICAL, name="note"),
    route("<uuid:patient>/note/<uuid:note>/deplacer/", signed.move, tag=CLINICAL, name="move"),
    route("<uuid:patient>/note/<uuid:note>/deplacee/", signed.moved, tag=CLINICAL, name="moved"),
    route("<uuid:patient>/mesures/", measures.measures, tag=CLINICAL, name="measures"),
    route("<uuid:patient>/document/", documents.new, tag=CLINICAL, name="document_new"),
    route("<uuid:patient>/document/<uuid:document>/", documents.document, tag=CLINICAL, name="document"),
    route("<uuid:patient>/document/<uuid:document>/contenu", documents.content, tag=CLINICAL, name="document_content"),
    route("<uuid:patient>/photo/", desk.photo, tag=CLINICAL, name="photo"),
    route("<uuid:patient>/photo/etat/", desk.state, tag=CLINICAL, name="photo_state", idle=True),
    route("<uuid:patient>/photo/titre/", desk.title, tag=CLINICAL, name="photo_title"),
    route("<uuid:patient>/photo/fermer/", desk.close, tag=CLINICAL, name="photo_close"),
    route("<uuid:patient>/import/<uuid:report>/", vsm.report, tag=CLINICAL, name="vsm_report"),
    route("<uuid:patient>/lectures/", accesses.readers, tag=CLINICAL, name="readers"),
    route("<uuid:patient>/notes-personnelles/", lines.private, tag=CLINICAL, name="private"),
    route("<uuid:patient>/allergies/aucune/", lines.no_allergy, tag=CLINICAL, name="no_allergy"),
    route("<uuid:patient>/traitement/<uuid:line>/arreter/", lines.stop, tag=CLINICAL, name="treatment_stop"),
    *(route(f"<uuid:patient>/{word}/", lines.add, tag=CLINICAL, name=f"{kind}_new", kwargs={"kind": kind}) for kind, word in _KINDS),
    route("<uuid:patient>/ligne/<slug:kind>/<uuid:line>/", lines.edit, tag=CLINICAL, name="edit"),
    route("<uuid:patient>/ligne/<slug:kind>/<uuid:line>/retirer/", lines.remove, tag=CLINICAL, name="remove"),
    route("<uuid:patient>/ligne/<slug:kind>/<uuid:line>/remettre/", lines.restore, tag=CLINICAL, name="restore"),
    *writing.dossier,
]

_practice = [
    route("bande/", bar.bar, tag=SIGNED_IN, name="bar", idle=True),
    route("membres/", members.members, tag=SIGNED_IN, name="members"),
    route("membres/inviter/", enrolling.invite, tag=SENSITIVE, name="invite"),
    route("membres/<uuid:member>/", members.member, tag=SIGNED_IN, name="member"),
    route("membres/<uuid:member>/fin/", members.until, tag=SENSITIVE, name="until"),
    route("membres/<uuid:member>/code/", enrolling.reinvite, tag=SENSITIVE, name="reinvite"),
    route("membres/<uuid:member>/titulaire/", enrolling.titulaire, tag=SENSITIVE, name="titulaire"),
    route("membres/<uuid:member>/nouvelle-cle/", consents.recover, tag=SENSITIVE, name="recover"),
    route("membres/<uuid:member>/demande-depart/", consents.removal, tag=SENSITIVE, name="removal"),
    route("demandes/<uuid:consent>/accord/", consents.agree, tag=SENSITIVE, name="agree"),
    route("demandes/<uuid:consent>/executer/", consents.carry_out, tag=SENSITIVE, name="carry_out"),
    route("demandes/<uuid:consent>/refus/", consents.refuse, tag=SIGNED_IN, name="refuse"),
    route("membres/<uuid:member>/depart/", enrolling.depart, tag=SENSITIVE, name="depart"),
    route("postes/nouveau/", enrolling.post_new, tag=SENSITIVE, name="post_new"),
    route("postes/<uuid:post>/approuver/", enrolling.post_approve, tag=SENSITIVE, name="post_approve"),
    route("postes/<uuid:post>/retirer/", enrolling.post_revoke, tag=SENSITIVE, name="post_revoke"),
    route("ouvertures/<uuid:slot>/retirer/", enrolling.way_remove, tag=SENSITIVE, name="way_remove"),
    route("sessions/<uuid:session>/clore/", enrolling.session_end, tag=SIGNED_IN, name="session_end"),
    route("ma-session/", accesses.session, tag=CLINICAL, name="session"),
    route("kit/", kits.kit, tag=SIGNED_IN, name="kit"),
    route("kit/imprimer/", kits.order, tag=CLINICAL, name="kit_order"),
    route("kit/<uuid:copy>/", kits.sheets, tag=CLINICAL, name="kit_sheets"),
    route("kit/phrase/", kits.phrase, tag=SENSITIVE, name="kit_phrase"),
    route("kit/<uuid:copy>/detruit/", kits.destroyed, tag=SIGNED_IN, name="kit_destroyed"),
    route("journal/", health.journal, tag=SIGNED_IN, name="journal"),
]

# A phone without a session: the code it scanned is all that it has (ADR 27).
_photo = [
    route("photo", phone.page, tag=PUBLIC, name="phone"),
    route("photo/ouvrir", phone.claim, tag=PUBLIC, name="claim"),
    route("photo/image", phone.image, tag=PUBLIC, name="image", large=phone.pictures_only),
    route("photo/terminer", phone.done, tag=PUBLIC, name="done"),
]

urlpatterns = [
    path("", include((_home, "home"))),
    path("patients/", include((_patients, "patients"))),
    path("patients/", include((_dossier, "dossier"))),
    path("cabinet/reprise/", include((moving.urlpatterns, "moving"))),
    path("", include((tasks.routes, "tasks"))),
    path("cabinet/", include((_practice, "practice"))),
    path("cabinet/", include((sync.routes, "sync"))),
    path("", include((crisis.routes, "crisis"))),
    path("", include((ready.routes, "ready"))),
    path("", include((catchup.routes, "catchup"))),
    path("", include((papers.urlpatterns, "papers"))),
    path("raccourcis/", include((writing.shared, "snippets"))),
    path("cabinet/croissance/", include((writing.growth, "growth"))),
    path("rappels/", include((panel.urlpatterns, "panel"))),
    path("agenda/", include("permanence.web.agenda.urls")),
    path("", include((handover.routes, "handover"))),
    path("", include((billing.urlpatterns, "billing"))),
    path("", include((_photo, "photo"))),
    path(answering.BASE, include((between.machines, "machines"))),
    path("", include("permanence.web.account.urls")),
]

handler400 = "permanence.web.http.error_400"
handler403 = "permanence.web.http.error_403"
handler404 = "permanence.web.http.error_404"
handler500 = "permanence.web.http.error_500"
