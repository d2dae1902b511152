"""What people fill in, as the engine's values."""
