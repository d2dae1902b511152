"""The fund's face on the site."""
