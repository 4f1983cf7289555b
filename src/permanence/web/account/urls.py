"""Routes of sign-in, sessions, keys, posts and unlocking, each with its tag."""

from permanence.web import live
from permanence.web.account import demo, passkeys, posts, signin, unlock, worker
from permanence.web.ready import tying
from permanence.web.routes import Tag, route

app_name = "account"
PUBLIC, SIGNED_IN, SENSITIVE = Tag.PUBLIC, Tag.SIGNED_IN, Tag.SENSITIVE

urlpatterns = [
    # while the practice is sealed too
    route("sante", unlock.health, tag=PUBLIC, name="health", sealed=True),
    route("sw.js", worker.service_worker, tag=PUBLIC, name="service_worker", sealed=True),
    route("deverrouiller", unlock.unlock_page, tag=PUBLIC, name="unlock", sealed=True),
    route("deverrouiller/sceau", unlock.seal_record, tag=PUBLIC, name="seal_record", sealed=True),
    route("deverrouiller/ouvrir", unlock.unlock, tag=PUBLIC, name="open", sealed=True),
    # before a session: the touch is the proof
    route("entrer", signin.sign_in_page, tag=PUBLIC, name="sign_in"),
    route("session/defi", signin.prepare, tag=PUBLIC, name="prepare"),
    route("session", signin.sign_in, tag=PUBLIC, name="begin"),
    route("session/lever", signin.confirm, tag=PUBLIC, name="confirm"),
    route("poste", posts.enrol_page, tag=PUBLIC, name="post"),
    route("poste/enregistrer", posts.enrol, tag=PUBLIC, name="enrol_post"),
    route("poste/rattacher", tying.tied, tag=PUBLIC, name="tied"),
    route("poste/rattacher/ici", tying.tie_here, tag=PUBLIC, name="tie_here"),
    route("poste/rattacher/retour", tying.back, tag=PUBLIC, name="tie_back"),
    route("invitation", passkeys.invitation_page, tag=PUBLIC, name="invitation"),
    route("invitation/preparer", passkeys.prepare_invited, tag=PUBLIC, name="prepare_invited"),
    route("invitation/accepter", passkeys.accept, tag=PUBLIC, name="accept"),
    route("demo/entrer", demo.enter, tag=PUBLIC, name="demo"),
    # in a session
    route("session/etat", signin.state, tag=SIGNED_IN, name="state", idle=True),
    route("session/cle", signin.rotate, tag=SIGNED_IN, name="rotate", idle=True),
    route("session/presence", signin.presence, tag=SIGNED_IN, name="presence"),
    route("session/verrouiller", signin.lock, tag=SIGNED_IN, name="lock", idle=True),
    route("session/changer", signin.lock, tag=SIGNED_IN, name="change", idle=True),
    route("session/fermer", signin.sign_out, tag=SIGNED_IN, name="leave", idle=True),
    route("direct", live.ticket, tag=SIGNED_IN, name="live", idle=True),
    route("billet", worker.ticket, tag=SIGNED_IN, name="ticket"),
    route("cles", passkeys.keys_page, tag=SIGNED_IN, name="keys"),
    route("cles/preparer", passkeys.prepare, tag=SENSITIVE, name="prepare_passkey"),
    route("cles/ajouter", passkeys.add, tag=SENSITIVE, name="add_passkey"),
    route("cles/coffre", passkeys.add_slot, tag=SENSITIVE, name="add_slot"),
    route("cles/<uuid:passkey>/revoquer", passkeys.revoke, tag=SENSITIVE, name="revoke_passkey"),
    route("sessions/<uuid:session>/terminer", passkeys.end_session, tag=SIGNED_IN, name="end_session"),
    route("sessions/terminer", passkeys.end_others, tag=SIGNED_IN, name="end_other_sessions"),
]
