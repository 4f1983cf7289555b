"""Reading CDA R2 documents: bytes in, frozen values out. Python over hardened lxml; no Django, clock, key or network."""
