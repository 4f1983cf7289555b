"""A practice made anew with its recovery sheet."""
