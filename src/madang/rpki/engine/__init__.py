"""The engine of rpki: objects, validation, fetching, the router feed, the authority, routes."""
