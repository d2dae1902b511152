"""The routing-security system on the site: dashboard, members' console, the registry's office."""
