"""What sync declares: this machine names itself when the practice opens."""

from permanence.journal import folder
from permanence.sync import oneself

folder.after_unlock.append(oneself.opened)
