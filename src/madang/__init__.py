"""Madang (마당): one house for the systems of a national AI-transformation programme."""
