"""Journeys of real people through the real product: its own processes, Debian's Chromium, TLS by the practice's authority."""
