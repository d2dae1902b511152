"""The site's settings: `base` holds what is always so; `dev`, `test` and `prod` say where they differ."""
