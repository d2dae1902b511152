"""What changes a fund on the site, and what its pages read."""
