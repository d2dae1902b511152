"""What is asked of people: authorisations, members, files of routes."""
