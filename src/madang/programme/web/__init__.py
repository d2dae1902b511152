"""The programme's face on the site: what was voted, what is spent, and what proves it."""
