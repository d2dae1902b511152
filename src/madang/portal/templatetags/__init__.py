"""The tags of the site's templates."""
