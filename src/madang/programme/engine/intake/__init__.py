"""What have the agencies spent? Their execution records, read as they really come in."""
