"""The site's settings: `base` holds what is always so; `dev`, `test`, `prod` say what differs."""
