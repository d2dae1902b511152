"""What does a fund's whole life look like? An invented fund, played from its first day to the last."""
