"""The programs' door to the site: `/api/v1`, its errors, its pages and its description."""
