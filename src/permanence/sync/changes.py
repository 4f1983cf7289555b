"""What sync declares: this machine names itself when the practice opens, and forgets its codes when it closes."""

from permanence.journal import folder, keys, registry
from permanence.sync import apart, behind, entrusting, forgetting, oneself, pairing, roots, talk

folder.after_slots.append(roots.after_slots)
folder.behind_elsewhere.append(oneself.put_back)
folder.behind_elsewhere.append(behind.behind_elsewhere)
folder.before_writing.append(oneself.opened)
folder.after_unlock.append(oneself.opened)
folder.at_seal.append(pairing.codes.forget)
folder.at_seal.append(apart.end)
folder.at_seal.append(roots.forget)
folder.at_seal.append(entrusting.forget)
folder.at_seal.append(forgetting.forget)
registry.coming.append(talk.coming)
registry.arrives("sync.entrustedkey")(entrusting.take)
keys.drawn.append(entrusting.hand_on)
