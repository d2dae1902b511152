"""Distinguished encoding: how every object of the RPKI is written and read (X.690)."""
