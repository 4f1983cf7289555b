"""Permanence: the practice software that keeps a practice reading and writing when everything else is cut."""

__version__ = "0.1.0"
