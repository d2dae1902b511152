"""A small registry on this machine, from its trust anchor to what a router hears."""
