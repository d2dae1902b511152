"""The kinds of problems that an agency can put on trial by writing YAML alone."""
