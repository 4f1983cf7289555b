"""Consultations: notes and their drafts, history, allergies, treatments, vaccinations, measures. Documents are below."""
