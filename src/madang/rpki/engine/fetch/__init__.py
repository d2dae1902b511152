"""Bringing the world's repositories to this machine, none of which is trusted."""
