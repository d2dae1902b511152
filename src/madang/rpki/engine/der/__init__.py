"""Distinguished encoding: read strictly, normalised where history was lax, written (X.690)."""
