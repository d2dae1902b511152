"""What programs do in the trials: the same acts as on the pages, through the same services."""
