"""Survival analysis: curves, models of them, and scores that tell whether to trust them."""
