"""`madang fund`: the commands of this room."""
