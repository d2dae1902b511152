"""What was measured, who signed it, and can a stranger check it? A signed, append-only log."""
