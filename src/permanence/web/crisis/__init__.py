"""« État du cabinet »: what works, what waits, what to do instead, who decided."""
