"""Numbers to paper: one frozen `document`, written as a web page, a PDF or a table in the terminal."""
