"""Models that others published: read from their written form, never run as code."""
