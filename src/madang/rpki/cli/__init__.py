"""`madang rpki`: the face for the command line."""
