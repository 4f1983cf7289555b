"""Typing the kit's paper forms afterwards: found by number or by scan, filed with their patient, counted to zero."""
