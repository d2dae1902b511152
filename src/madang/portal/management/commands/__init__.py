"""One module a command: `madang manage NAME`."""
