"""What would an attack or a failure do to the network? Drills on a topology of ASes."""
