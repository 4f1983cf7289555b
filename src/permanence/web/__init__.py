"""Screens by journey: views translate a request into one call of a door; no rule of care lives here."""
