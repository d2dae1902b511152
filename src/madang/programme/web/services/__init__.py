"""What the pages of the programme do: each module answers one question of theirs."""
