"""Routes of « État du cabinet ». None is ever switched off. What closes, and what opens, asks the key again."""

from permanence.web.crisis import board, switching
from permanence.web.routes import Tag, route

routes = [
    route("cabinet/etat/", board.board, tag=Tag.SIGNED_IN, name="board"),
    route("cabinet/etat/decider/", switching.switch, tag=Tag.SENSITIVE, name="switch"),
    route("cabinet/etat/<uuid:switch>/accord/", switching.agree, tag=Tag.SENSITIVE, name="agree"),
    route("cabinet/etat/<uuid:switch>/lever/", switching.lift, tag=Tag.SENSITIVE, name="lift"),
    route("cabinet/etat/<uuid:switch>/garde/", switching.override, tag=Tag.SENSITIVE, name="override"),
]
