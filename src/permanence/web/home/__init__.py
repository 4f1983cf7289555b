"""The first screen of the day: notes to sign, recent files, the practice's health."""
