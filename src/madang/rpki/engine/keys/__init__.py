"""Private keys: where they are kept, and the one thing that is asked of them, a signature."""
