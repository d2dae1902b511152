"""What do banks and other programs say, and what would it be in the ledger? Nothing is posted."""
