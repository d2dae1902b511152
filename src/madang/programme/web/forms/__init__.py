"""What officers type, and what of it is accepted."""
