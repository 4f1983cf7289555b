"""Routes of « État du cabinet ». None is ever switched off. What closes, and what opens, asks the key again."""

from permanence.web.crisis import board, planning, switching
from permanence.web.routes import Tag, route

routes = [
    route("cabinet/etat/", board.board, tag=Tag.SIGNED_IN, name="board"),
    route("cabinet/plan/", planning.plan, tag=Tag.SIGNED_IN, name="plan"),
    route("cabinet/plan/imprimer", planning.printed, tag=Tag.SIGNED_IN, name="plan_print"),
    route("cabinet/etat/decider/", switching.switch, tag=Tag.SENSITIVE, name="switch"),
    route("cabinet/etat/<uuid:switch>/accord/", switching.agree, tag=Tag.SENSITIVE, name="agree"),
    route("cabinet/etat/<uuid:switch>/lever/", switching.lift, tag=Tag.SENSITIVE, name="lift"),
    route("cabinet/etat/<uuid:switch>/garde/", switching.override, tag=Tag.SENSITIVE, name="override"),
]
