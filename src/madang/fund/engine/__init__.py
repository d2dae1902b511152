"""The engine of fund: what it can do, without any face."""
