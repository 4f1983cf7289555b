"""The practice's history: entries, streams, doors, categories, verification. It knows no clinical room."""
