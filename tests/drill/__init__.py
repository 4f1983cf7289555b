"""The exercise of the cut, short."""
