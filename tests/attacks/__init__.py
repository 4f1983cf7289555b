"""Attempts to break in, each kept as a test whose name says what is refused."""
