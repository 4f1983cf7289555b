"""Every screen of the product with something on it: one whole file written through the screens, and where each page stands."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.urls import URLPattern, get_resolver

from permanence.web.routes import walk
from tests.browser import gestures
from tests.browser.chromium import Visitor
from tests.browser.gestures import Patient, send
from tests.interop import building

ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
MADE_UP = "kind,sex,month,l,m,s\nhead,F,0,1,34,0.03\nhead,F,12,1,46,0.03"  # growth curves of nobody
# Addresses that answer nothing to look at: forms without a page, files, fragments, scripts.
NOT_SCREENS = frozenset({
    "patients:palette", "tasks:callers", "home:todo", "home:recents", "dossier:older", "dossier:document_content", "account:health",
    "account:service_worker", "account:seal_record", "account:prepare", "account:state", "account:begin", "account:confirm",
    "account:enrol_post", "account:prepare_invited", "account:accept", "account:open", "account:demo", "account:rotate",
    "account:presence", "account:lock", "account:change", "account:leave", "account:ticket", "account:prepare_passkey",
    "account:add_passkey", "account:add_slot", "account:revoke_passkey", "account:end_session", "account:end_other_sessions",
    "account:live", "practice:bar", "practice:kit_sheets", "agenda:row", "agenda:found", "agenda:check", "agenda:sheet",
    "agenda:round_sheet", "agenda:export", "papers:content",
    "papers:print", "papers:print_all", "papers:hand_over", "papers:letterhead_save", "papers:common_save", "papers:printer_save",
    "papers:forms_received", "papers:form_spoilt", "moving:progress", "moving:begin", "moving:settle", "moving:content",
    "moving:refused", "moving:undo", "billing:receipt", "billing:sheet", "billing:cancel", "billing:statement", "billing:close",
    "catchup:scan", "catchup:find", "crisis:plan_print",
    "dossier:photo_state", "photo:claim", "photo:image", "photo:done", "moving:become_main", "moving:tick", "moving:copy_pdf",
    "sync:carry_any", "sync:carry_out", "sync:carry_whole", "sync:carry_in",
    "sync:pair_state", "machines:status", "machines:entries", "machines:wanted", "machines:heads", "machines:missing", "machines:blob",
    "machines:pair", "moving:calendar_remove", "moving:copy_csv", "agenda:room_row", "tasks:of_patient",
    "ready:tile", "ready:tie", "ready:vouch", "ready:list", "ready:cut", "ready:uncut", "account:tied",
    "account:tie_here", "account:tie_back",
    "growth:retire", "panel:export", "panel:keep", "panel:call", "panel:remove", "patients:distinct", "handover:found", "handover:print",
    "handover:key", "handover:cards",
    "handover:known", "handover:pin", "handover:write", "handover:note"})  # these four: test_a_replacement_is_handed_over
FORMS_ONLY = re.compile(r"(_remove|_lift|unmerge|draft_save|draft_discard|:sign|countersign|no_allergy|:remove|:restore|reinvite|titulaire|"
                        r"depart|post_approve|post_revoke|session_end|until|kit_phrase|kit_order|kit_destroyed|photo_close|photo_title|"
                        r"agenda:(status|next|move|reach|undo|round_step|round_add)|(practice|crisis):(recover|removal|agree|refuse|carry_out|lift)|"
                        r"catchup:(settle|rest|number|drop)|handover:(leave_out|let_decide|move_up|read)|tasks:(done|reopen|cancel|tomorrow|read)|"
                        r"sync:(settle|pair_close|rename|revoke|readmit|accept))$")


def names() -> Iterator[str]:
    """Every named route that shows a page."""
    for prefix, (_, resolver) in get_resolver().namespace_dict.items():
        for _, route in walk(resolver):
            name = f"{prefix}:{route.name}"
            if isinstance(route, URLPattern) and name not in NOT_SCREENS and not FORMS_ONLY.search(name):
                yield name


@dataclass
class Screens:
    """Name of a route -> an address of it that has something to show."""

    patient: Patient
    other: Patient
    where: dict[str, str] = field(default_factory=dict)
    identity: list[str] = field(default_factory=list)  # words of the patient's identity
    clinical: list[str] = field(default_factory=list)  # and of the rest of the file


def fill(visitor: Visitor) -> Screens:
    """A whole file: every kind of line, notes in both forms, a document, results and a summary by import, a merge, a moved note."""
    patient = gestures.register(visitor, "Célestine Aglaé", mobile="0611223344", email="celestine@exemple.fr", address="3 rue du Moulin",
                                postal_code="14600", city="Honfleur")
    other = gestures.register(visitor, "Honorine")
    here = patient.url
    send(visitor, f"{here}antecedent/", {"label": "Syndrome de Zollinger", "start": "2014", "active": "on", "kind": "medical",
                                       "cim10": "E16.4"})
    send(visitor, f"{here}antecedent/", {"label": "Appendicectomie", "start": "1974", "kind": "chirurgical"})
    send(visitor, f"{here}allergie/", {"substance": "amoxicilline", "reaction": "choc anaphylactique", "severity": "vitale",
                                      "since": "2019"})
    send(visitor, f"{here}traitement/", {"dci": "metformine", "label": "Glucophage", "dose": "850 mg", "form": "comprimé",
                                         "posology": "matin et soir", "source": "ici", "start": "2014"})
    send(visitor, f"{here}vaccin/", {"vaccine": "Grippe saisonnière", "given": "25/10/2025", "lot": "X42-118"})
    send(visitor, f"{here}mesures/", {"line": "TA 148/86 P 82 T 168"})
    send(visitor, f"{here}note-personnelle/", {"text": "Préfère le matin."})
    send(visitor, f"{here}entourage/", {"role": "a_prevenir", "name": "Amédée Fontanel", "relation": "fils", "phone": "0233445566"})
    send(visitor, f"{here}opposition/", {"against": "profession:kine"})
    send(visitor, f"{here}note/signer/", {"kind": "consultation", "motif": "Renouvellement", "subjective": "Pas de plainte.",
                                          "objective": "Bon état général.", "assessment": "Équilibré.", "plan": "Même traitement."})
    gestures.sign_note(visitor, patient, "Lombalgie aiguë", "Douleur lombaire depuis trois jours après un effort.")
    found = Screens(patient, other, identity=[patient.surname, "Célestine", patient.birth],
                    clinical=["Zollinger", "amoxicilline", "metformine", "Lombalgie", "Renouvellement", "cardiologie", "Honfleur",
                              "0611223344", "Fontanel", "Préfère le matin"])
    send(visitor, f"{here}papier/signer/", {"family": "ordonnance", "template": "ordonnance", "text": "paracétamol 1 g"})
    send(visitor, f"{here}acte/", {"code": "G", "amount": "30", "method": "carte"})
    _documents(visitor, found)
    _wrong_file(visitor, found, other)
    _reunited(visitor, found)
    _written_twice(visitor, found, other)
    _moved_in(visitor, found)
    _expected(visitor, found)
    _machines(visitor, found)
    _collect(visitor, found)
    return found


def _machines(visitor: Visitor, found: Screens) -> None:
    """This one, and a file of a USB stick that is none."""
    visitor.goto("/cabinet/machines/").get_by_role("link", name="Ouvrir").first.click()
    visitor.page.wait_for_url(re.compile(rf"/machines/{ID}/"))
    found.where["sync:machine"] = _path(visitor.page.url)
    page = visitor.goto("/cabinet/machines/cle/")
    page.locator("input[type=file]").set_input_files({"name": "x.permanence", "mimeType": "application/octet-stream", "buffer": b"PK"})
    page.get_by_role("button", name="Lire ce fichier").click()
    page.wait_for_url(re.compile(rf"/cle/{ID}/"))
    found.where["sync:carried"] = _path(page.url)


def _documents(visitor: Visitor, found: Screens) -> None:
    page = visitor.goto(f"{found.patient.url}document/")
    letter = {"name": "courrier.txt", "mimeType": "text/plain", "buffer": "Cher confrère,\n".encode()}
    page.locator("input[type=file]").set_input_files(letter)  # type: ignore[arg-type]
    page.locator("[name=title]").fill("Courrier de cardiologie")
    page.get_by_role("button", name="Classer le document").click()
    page.wait_for_url(f"**{found.patient.url}*")
    page = visitor.goto("/patients/import/")
    page.locator("input[type=file]").set_input_files({"name": "volet.xml", "mimeType": "text/xml", "buffer": building.summary()})
    page.get_by_role("button", name="Importer").click()
    page.wait_for_url(re.compile(rf"/import/{ID}/"))
    found.where["dossier:vsm_report"] = _path(page.url)
    page.get_by_role("link", name="Le document d’origine").click()
    page.wait_for_url(re.compile(rf"/document/{ID}/"))
    found.where["dossier:document"] = _path(page.url)


def _moved_in(visitor: Visitor, found: Screens) -> None:
    """A table of three rows: one new, one that looks like the patient, one that cannot be read."""
    surname, born = found.patient.surname, found.patient.birth
    rows = (f"Nom;Prénom;Date de naissance;Sexe;Fumeur\n{surname}s;Célestine;{born};F;non\nROUX;Zoé;31/02/1990;F;non\n"
            "PETITJEAN;Luc;01/02/1960;M;non\n")  # fmt: skip
    page = visitor.goto("/cabinet/reprise/")
    page.locator("input[type=file]").set_input_files({"name": "liste.csv", "mimeType": "text/csv", "buffer": rows.encode("cp1252")})
    page.get_by_role("button", name="Regarder").click()
    page.wait_for_url(re.compile(rf"/colonnes/{ID}/"))
    found.where["moving:columns"] = _path(page.url)
    page.get_by_role("button", name="Faire un essai").click()
    page.get_by_role("button", name="Importer").wait_for(timeout=20_000)
    page.get_by_role("button", name="Importer").click()
    page.wait_for_url(re.compile(rf"/reprise/{ID}/"), timeout=20_000)
    found.where |= {"moving:run": _path(page.url), "moving:home": "/cabinet/reprise/", "moving:result": "/cabinet/reprise/essai/",
                    "moving:queue": "/cabinet/reprise/a-decider/"}  # fmt: skip
    page = visitor.goto("/cabinet/reprise/a-decider/")
    page.wait_for_url(re.compile(rf"/a-decider/{ID}/"))
    found.where["moving:issue"] = _path(page.url)


def _wrong_file(visitor: Visitor, found: Screens, other: Patient) -> None:
    gestures.sign_note(visitor, other, "Entorse", "Cheville droite.")
    page = visitor.goto(other.url)
    note = str(page.locator("#timeline a").first.get_attribute("href"))
    send(visitor, f"{note}deplacer/", {"to": found.patient.id})
    page = visitor.goto(other.url)
    found.where["dossier:moved"] = str(page.locator("#timeline a").first.get_attribute("href"))


def _reunited(visitor: Visitor, found: Screens) -> None:
    again = gestures.register(visitor, "Célestine", surname=f"{found.patient.surname}son")
    send(visitor, f"{found.patient.url}reunir/", {"merged": again.id, "reason": "Créé deux fois"})


def _written_twice(visitor: Visitor, found: Screens, other: Patient) -> None:
    """A snippet; and two drafts, as two windows leave them."""
    send(visitor, "/raccourcis/nouveau/", {"trigger": f"hta-{other.surname.lower()}", "label": "Suivi", "text": "TA {ta}, {signes}."})
    for text in ("Toux sèche.\nGorge rouge.", "Toux sèche.\nTympans normaux."):
        send(visitor, f"{other.url}note/brouillon/", {"motif": "Toux", "text": text, "kind": "consultation", "mode": "free"})
    found.where["dossier:drafts_merge"] = f"{other.url}note/brouillons/"
def _expected(visitor: Visitor, found: Screens) -> None:
    """A patient who has arrived, two who come at the same time, a caller without a file, hours, an absence."""
    page = visitor.goto("/agenda/nouveau/")
    who, day = str(page.locator("[name=practitioner]").input_value()), str(page.locator("[name=day]").input_value())
    kind = {"name": "Suivi", "minutes": "20", "colour": "teal", "new_patients": "on", "known_patients": "on"}
    send(visitor, "/agenda/reglages/motif/", kind)
    send(visitor, "/agenda/reglages/plage/", {"practitioner": who, "weekdays": "1", "start": "8h", "end": "12h", "kind": "appointments"})
    send(visitor, "/agenda/reglages/absence/", {"practitioner": who, "first": "+30", "reason": "Congés"})
    common = {"practitioner": who, "day": day, "minutes": "20"}
    send(visitor, "/agenda/nouveau/", {**common, "mode": "known", "patient": found.patient.id, "hour": "10h", "reason": "Renouvellement"})
    send(visitor, "/agenda/nouveau/", {**common, "mode": "known", "patient": found.other.id, "hour": "10h10"})
    send(visitor, "/agenda/nouveau/", {**common, "mode": "known", "patient": found.patient.id, "no_hour": "on", "place": "3e étage"})
    send(visitor, "/agenda/nouveau/", {**common, "mode": "caller", "label": "M. Perrin", "hour": "11h"})
    page = visitor.goto("/agenda/")
    found.where["agenda:appointment"] = str(page.locator(".rdv:not(.slot) .rdv-more").first.get_attribute("href"))
    found.where["agenda:identify"] = str(page.locator(".rdv.slot .rdv-more").first.get_attribute("href")) + "dossier/?q=a"
    send(visitor, f"{found.where['agenda:appointment']}etat/", {"etat": "arrived", "jour": ""})
    id = found.where["agenda:appointment"].split("/")[3]
    settings = visitor.goto("/agenda/reglages/")
    found.where |= {
        "agenda:day": f"/agenda/?accueil={id}",
        "agenda:room": "/agenda/salle/",
        "agenda:round": "/agenda/tournee/",
        "agenda:free": "/agenda/libre/",
        "agenda:book": f"/agenda/nouveau/?patient={found.patient.id}",
        "agenda:exchange": "/agenda/echanges/",
        "agenda:settings": "/agenda/reglages/",
        "agenda:type_new": "/agenda/reglages/motif/",
        "agenda:type": str(settings.get_by_role("link", name="Modifier").first.get_attribute("href")),
        "agenda:hours_new": "/agenda/reglages/plage/",
        "agenda:absence_new": "/agenda/reglages/absence/",
    }


def _collect(visitor: Visitor, found: Screens) -> None:
    """What the pages link to: one address for each route."""
    page, here = visitor.goto(found.patient.url), found.patient.url
    links = {str(link) for link in page.evaluate("[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))")}
    found.where |= {
        "home:day": "/",
        "patients:search": f"/patients/?q={found.patient.surname}",
        "patients:new": "/patients/nouveau/",
        "patients:vsm": "/patients/import/",
        "patients:identity": f"{here}identite/",
        "patients:edit": f"{here}identite/modifier/",
        "patients:contact_new": f"{here}entourage/",
        "patients:protection": f"{here}protection/",
        "patients:opposition": f"{here}opposition/",
        "patients:merge": f"{here}reunir/?avec={found.other.id}",
        "dossier:file": here,
        "dossier:compose": f"{here}note/",
        "dossier:measures": f"{here}mesures/",
        "dossier:document_new": f"{here}document/",
        "dossier:photo": f"{here}photo/",
        "photo:phone": "/photo",
        "dossier:readers": f"{here}lectures/",
        "dossier:private": f"{here}notes-personnelles/",
        "dossier:history_new": f"{here}antecedent/",
        "dossier:allergy_new": f"{here}allergie/",
        "dossier:treatment_new": f"{here}traitement/",
        "dossier:vaccination_new": f"{here}vaccin/",
        "dossier:private_note_new": f"{here}note-personnelle/",
        **{f"papers:{family}": f"{here}{family}/" for family in ("ordonnance", "certificat", "demande", "courrier", "arret")},
        "billing:act_new": f"{here}acte/",
        "billing:takings": "/cabinet/recettes/",
        "papers:settings": "/cabinet/papiers/",
        "papers:to_hand_over": "/cabinet/papiers/a-remettre/",
        "papers:paper": _first(links, rf"{here}papier/{ID}/$"),
        "dossier:curves": f"{here}courbes/",
        "patients:facts": f"{here}souhaits/",
        "dossier:calculators": f"{here}calculs/",
        "dossier:calculator": f"{here}calculs/score2/",
        "snippets:list": "/raccourcis/",
        "panel:search": "/rappels/",
        "patients:duplicates": "/patients/doublons/",
        "snippets:new": "/raccourcis/nouveau/",
        "growth:list": "/cabinet/croissance/",
        "growth:new": "/cabinet/croissance/nouvelle/",
        "practice:kit": "/cabinet/kit/",
        "crisis:board": "/cabinet/etat/",
        "crisis:plan": "/cabinet/plan/",
        "crisis:switch": "/cabinet/etat/decider/",
        "ready:page": "/cabinet/prets/",
        "ready:report": _exercise(visitor),
        "practice:members": "/cabinet/membres/",
        "practice:invite": "/cabinet/membres/inviter/",
        "practice:post_new": "/cabinet/postes/nouveau/",
        "practice:session": "/cabinet/ma-session/",
        "practice:journal": "/cabinet/journal/",
        "home:closing": "/fermer/",
        "handover:replacements": "/releve/remplacements/",
        "sync:settling": "/cabinet/a-rapprocher/", "sync:pair": "/cabinet/machines/associer/",
        "sync:machines": "/cabinet/machines/", "sync:returns": "/cabinet/retours/",
        "sync:carry": "/cabinet/machines/cle/",
        "tasks:tasks": "/taches/",
        "tasks:new": "/taches/nouvelle/",
        "tasks:call": "/taches/appel/",
        "tasks:messages": "/messages/",
        "tasks:message": "/messages/nouveau/",
        "moving:beside": "/cabinet/reprise/filet/",
        "moving:calendars": "/cabinet/reprise/agendas/",
        "moving:to_copy": "/cabinet/reprise/a-recopier/",
        "moving:copy": f"/cabinet/reprise/a-recopier/{found.patient.id}/",
        "account:unlock": "/deverrouiller",
        "account:sign_in": "/entrer",
        "account:post": "/poste",
        "account:invitation": "/invitation",
        "account:keys": "/cles",
        "dossier:note": _first(links, rf"{here}note/{ID}/$"),
        "dossier:edit": _first(links, rf"{here}ligne/treatment/{ID}/$"),
    }
    found.where["dossier:move"] = found.where["dossier:note"] + f"deplacer/?q={found.patient.surname[:4]}"
    found.where["dossier:treatment_stop"] = found.where["dossier:edit"].replace("/ligne/treatment/", "/traitement/") + "arreter/"
    sheet = visitor.goto(found.where["patients:identity"])
    found.where["patients:contact"] = str(sheet.locator(f"a[href*='{here}entourage/']").first.get_attribute("href"))
    texts = visitor.goto("/raccourcis/")
    found.where["snippets:edit"] = str(texts.locator("a.line-edit").first.get_attribute("href"))
    send(visitor, "/cabinet/croissance/nouvelle/", {"name": "Essai", "published": "2026", "licence": "inventée", "table": MADE_UP,
                                                    "seen": hashlib.sha256(MADE_UP.encode()).hexdigest()})  # fmt: skip
    found.where["growth:replace"] = str(visitor.goto("/cabinet/croissance/").locator("a[href$='/remplacer/']").first.get_attribute("href"))
    send(visitor, "/taches/nouvelle/", {"text": "Envoyer le courrier", "dossier": found.patient.id})
    found.where["tasks:edit"] = str(visitor.goto("/taches/").locator("a[aria-label^='Modifier']").first.get_attribute("href"))
    send(visitor, "/rappels/garder/", {"history": "E16", "months": "6", "name": "Zollinger"})
    found.where["panel:list"] = str(visitor.goto("/rappels/").locator("#main .rows a").first.get_attribute("href"))
    night = {"capability": "agenda", "state": "read_only", "audience": "network:", "network": "192.0.2.0/24", "reason": "Essai",
             "days": "0", "close_hour": "22h", "open_hour": "7h", "overridable": "on"}  # a network of nobody
    send(visitor, "/cabinet/etat/decider/", night)
    found.where["crisis:override"] = str(visitor.goto("/cabinet/etat/").locator("a[href$='/garde/']").first.get_attribute("href"))
    send(visitor, "/cabinet/kit/imprimer/", {})
    forms = visitor.goto("/cabinet/fiches/")
    sheet = str(forms.get_by_role("link", name="Saisir").first.get_attribute("href"))
    found.where |= {"catchup:list": "/cabinet/fiches/", "catchup:form": sheet}
    found.where["catchup:file"] = f"{here}fiche/{sheet.split('/')[3]}/"
    members = visitor.goto("/cabinet/membres/")
    found.where["practice:member"] = str(members.get_by_role("link", name="Gérer").first.get_attribute("href"))


def _exercise(visitor: Visitor) -> str:
    """The report of a list that was gone through."""
    send(visitor, "/cabinet/prets/exercice/liste", {"vu": "feuille"})
    return str(visitor.goto("/cabinet/prets/").locator("a[href^='/cabinet/prets/exercice/']").first.get_attribute("href"))


def _first(links: set[str], pattern: str) -> str:
    return next(link for link in sorted(links) if re.match(pattern, link))


def _path(address: str) -> str:
    return "/" + address.split("/", 3)[3]
