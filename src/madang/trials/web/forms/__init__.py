"""What people enter about the trials, a module per thing."""
