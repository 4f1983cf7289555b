"""The screens of one patient: search, identity, file, notes, forms, documents, imports."""
