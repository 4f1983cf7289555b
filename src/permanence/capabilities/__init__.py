"""What is switched on, for whom: asked by every route and every button, decided by titulaires, by schedules, by slowness."""

from permanence.capabilities.rules import Audience, Capability, State

__all__ = ["Audience", "Capability", "State"]
