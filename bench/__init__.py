"""Speed and accuracy, measured beside the peer in one run. Never a timed test."""
