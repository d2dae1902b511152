"""The tables of the trials, step by step."""
