"""`madang prognosis`: the commands of this room."""
