"""What does a fund's whole life look like? An invented fund, from its first day to its last."""
