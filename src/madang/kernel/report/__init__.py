"""Numbers to paper: one frozen `document`, written as a page, a PDF or text for a terminal."""
