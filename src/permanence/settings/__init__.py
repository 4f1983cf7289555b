"""Django settings: `base` is what every process shares, `replica` serves a practice, `test` runs the tests."""
