"""`madang programme`: the commands of a year, on a ledger in a folder."""
