"""`make bench`: measures a practice of full size against the figures it must beat. Nothing of the product imports it."""
