"""The sealed trial itself: demand, vault, submission, run, score, board, decision, record."""
