"""One model out of several, with its own doubts: mixed, recalibrated, bounded, and proved."""
