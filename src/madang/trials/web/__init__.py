"""The trials on the site: from an agency's demand to a solution that spreads."""
