"""`madang trials`: the commands of a trial, in a workspace or at a site."""
