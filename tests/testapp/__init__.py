"""A room of the tests: plain tables and actions for what needs no clinical room."""
