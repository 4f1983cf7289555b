"""Documents and results: originals kept as they came, imported results, and what an import refused. Reading them into a
file is the business of `interop`."""
