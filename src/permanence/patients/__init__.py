"""Patients: identity, contacts, links, opposition, protection, search and merge. Nothing clinical lives here."""
