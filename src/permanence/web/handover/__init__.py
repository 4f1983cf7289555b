"""Screens of a replacement's two ends: « les dix patients à connaître », « la relève »."""
