"""Does a model that went live still hold? Watched patient by patient, at any time."""
