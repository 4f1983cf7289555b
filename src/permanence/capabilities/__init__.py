"""What is switched on, for whom: asked by all rooms above, decided by containment and continuity when they exist."""

from permanence.capabilities.rules import Capability, State, state

__all__ = ["Capability", "State", "state"]
