"""Routes of the agenda, each with its tag."""

from permanence.web.agenda import appointment, booking, day, papers, places, rounds, settings
from permanence.web.routes import Tag, route

app_name = "agenda"
CLINICAL, SENSITIVE = Tag.CLINICAL, Tag.SENSITIVE

urlpatterns = [
    route("", day.day, tag=CLINICAL, name="day"),
    route("salle/", day.room, tag=CLINICAL, name="room"),
    route("salle/<uuid:appointment>/", day.room_row, tag=CLINICAL, name="room_row"),
    route("ligne/<uuid:appointment>/", day.row, tag=CLINICAL, name="row"),
    route("suivant/", appointment.call_next, tag=CLINICAL, name="next"),
    route("nouveau/", booking.book, tag=CLINICAL, name="book"),
    route("libre/", places.free, tag=CLINICAL, name="free"),
    route("nouveau/regles/", booking.check, tag=CLINICAL, name="check"),
    route("patients/", booking.found, tag=CLINICAL, name="found"),
    route("rdv/<uuid:appointment>/", appointment.appointment, tag=CLINICAL, name="appointment"),
    route("rdv/<uuid:appointment>/etat/", appointment.status, tag=CLINICAL, name="status"),
    route("rdv/<uuid:appointment>/deplacer/", appointment.move, tag=CLINICAL, name="move"),
    route("rdv/<uuid:appointment>/joindre/", appointment.reach, tag=CLINICAL, name="reach"),
    route("rdv/<uuid:appointment>/dossier/", appointment.identify, tag=CLINICAL, name="identify"),
    route("revenir/<slug:kind>/<uuid:appointment>/", appointment.undo, tag=CLINICAL, name="undo"),
    route("tournee/", rounds.round_page, tag=CLINICAL, name="round"),
    route("tournee/feuille/", rounds.sheet, tag=CLINICAL, name="round_sheet"),
    route("tournee/<uuid:appointment>/place/", rounds.step, tag=CLINICAL, name="round_step"),
    route("tournee/ajouter/<uuid:patient>/", rounds.add, tag=CLINICAL, name="round_add"),
    route("feuille/", papers.sheet, tag=CLINICAL, name="sheet"),
    route("echanges/", papers.exchange, tag=CLINICAL, name="exchange"),
    route("echanges/<uuid:practitioner>/agenda.ics", papers.export, tag=SENSITIVE, name="export"),
    route("reglages/", settings.settings, tag=CLINICAL, name="settings"),
    route("reglages/motif/", settings.type_edit, tag=CLINICAL, name="type_new"),
    route("reglages/motif/<uuid:type>/", settings.type_edit, tag=CLINICAL, name="type"),
    route("reglages/motif/<uuid:type>/retirer/", settings.type_remove, tag=CLINICAL, name="type_remove"),
    route("reglages/plage/", settings.hours_new, tag=CLINICAL, name="hours_new"),
    route("reglages/plage/<uuid:opening>/retirer/", settings.hours_remove, tag=CLINICAL, name="hours_remove"),
    route("reglages/absence/", settings.absence_new, tag=CLINICAL, name="absence_new"),
    route("reglages/absence/<uuid:absence>/retirer/", settings.absence_remove, tag=CLINICAL, name="absence_remove"),
]
