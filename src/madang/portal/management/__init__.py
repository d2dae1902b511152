"""What an operator may do with the site at a terminal."""
