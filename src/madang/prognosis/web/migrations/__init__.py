"""The tables of the prognosis system, step by step."""
