"""The tables of the programme, step by step."""
