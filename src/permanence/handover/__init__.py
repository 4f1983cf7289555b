"""When somebody takes over: the ten patients to know on the first morning, and the return note of the last evening (« la relève »)."""
