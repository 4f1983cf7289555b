"""`make bench`: measures a real practice of full size against the figures it must beat. Nothing of the product imports it."""
