"""What developers run by hand: the scaffold of a new room, and the pages written from the code."""
