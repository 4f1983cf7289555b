"""What every room may use: clock, ids, the cryptographic suite, identifiers, text, host. No Django model lives here."""
