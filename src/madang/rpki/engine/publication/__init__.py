"""The publication server: what authorities hand in stands whole, over RRDP and rsync."""
