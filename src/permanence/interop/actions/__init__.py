"""The only ways to import: a document becomes lines of a file through the doors of the rooms below."""

from permanence.interop.actions.importing import import_vsm, refuse_too_large

__all__ = ["import_vsm", "refuse_too_large"]
