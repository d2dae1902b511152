"""The tables of the fund, step by step."""
