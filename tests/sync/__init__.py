"""Replicas: merging, joining, talking."""
