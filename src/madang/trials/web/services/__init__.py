"""What changes in a trial: each change through one door, with its entry in the log."""
