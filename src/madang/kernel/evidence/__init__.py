"""What was measured, by whom was it signed, and can a stranger check it? An append-only signed log of facts."""
