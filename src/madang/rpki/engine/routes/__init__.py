"""What does the RPKI mean for the routes that are seen? Verdicts, impacts, alarms, coverage."""
