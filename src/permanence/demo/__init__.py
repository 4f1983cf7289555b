"""The fictional practice: a generator in plain Python, and its loader through the same doors as everybody. Nothing real."""
