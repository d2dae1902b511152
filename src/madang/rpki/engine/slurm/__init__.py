"""Local exceptions: what one network believes otherwise than the world (SLURM, RFC 8416)."""
