"""Why does a model say this of this patient? Drivers, patients alike, and other values."""
