"""The practice, its members and their rights, passkeys, posts and sessions; no patient is known here."""
