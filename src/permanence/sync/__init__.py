"""Replicas of one practice: who they are, how a new one joins, what they give each other, what is to be settled."""
