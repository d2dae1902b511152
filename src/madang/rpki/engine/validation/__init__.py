"""From what lies in the repositories to what may be believed."""
