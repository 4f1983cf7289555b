"""Interoperability: foreign documents in (CDA), and what an import did. What they become lives in the rooms below."""
