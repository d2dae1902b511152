"""Where the objects of the world's repositories lie on this machine."""
