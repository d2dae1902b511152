"""The pages of the trials, a module for each thing that they show."""
