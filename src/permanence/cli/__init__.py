"""The permanence command."""
