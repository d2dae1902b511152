"""How sure may one be of a score or a difference? One implementation for every system."""
