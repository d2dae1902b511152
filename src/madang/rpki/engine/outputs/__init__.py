"""What was verified, in the forms that other programs read."""
