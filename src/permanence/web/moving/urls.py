"""Routes of moving in. Trying and deciding are clinical; what writes thousands of files, or takes them back, is sensitive."""

from permanence.web.moving import beside, calendars, deciding, views
from permanence.web.routes import Tag, route

CLINICAL, SENSITIVE = Tag.CLINICAL, Tag.SENSITIVE

urlpatterns = [
    route("", views.home, tag=CLINICAL, name="home"),
    route("etat/", views.progress, tag=CLINICAL, name="progress", idle=True),
    route("essai/", views.result, tag=CLINICAL, name="result"),
    route("filet/", beside.setting, tag=SENSITIVE, name="beside"),
    route("filet/principal/", beside.become_main, tag=SENSITIVE, name="become_main"),
    route("agendas/", calendars.calendars, tag=SENSITIVE, name="calendars"),
    route("agendas/retirer/", calendars.remove, tag=SENSITIVE, name="calendar_remove"),
    route("a-recopier/", beside.to_copy, tag=CLINICAL, name="to_copy"),
    route("a-recopier/<uuid:patient>/", beside.patient, tag=CLINICAL, name="copy"),
    route("a-recopier/<uuid:patient>/fait/", beside.tick, tag=CLINICAL, name="tick"),
    route("a-recopier/<uuid:patient>/a-recopier.pdf", beside.as_pdf, tag=CLINICAL, name="copy_pdf"),
    route("a-recopier/<uuid:patient>/a-recopier.csv", beside.as_csv, tag=CLINICAL, name="copy_csv"),
    route("colonnes/<uuid:choice>/", views.columns, tag=CLINICAL, name="columns"),
    route("importer/<uuid:choice>/", views.begin, tag=SENSITIVE, name="begin"),
    route("a-decider/", deciding.queue, tag=CLINICAL, name="queue"),
    route("a-decider/<uuid:issue>/", deciding.issue, tag=CLINICAL, name="issue"),
    route("a-decider/<uuid:issue>/choisir/", deciding.settle, tag=CLINICAL, name="settle"),
    route("a-decider/<uuid:issue>/fichier", deciding.content, tag=CLINICAL, name="content"),
    route("<uuid:run>/", views.run, tag=CLINICAL, name="run"),
    route("<uuid:run>/non-repris.csv", views.refused, tag=CLINICAL, name="refused"),
    route("<uuid:run>/annuler/", views.undo, tag=SENSITIVE, name="undo"),
]
