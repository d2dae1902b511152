"""How well has a fund done? Multiples, rates of return, and beside a public market."""
