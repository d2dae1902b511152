"""How much may one run take? Time, memory, processes and bytes, each with its unit."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The ceilings of one run; reaching one of them ends the run with its own `Ending`."""

    wall_s: float = 60
    """Seconds from the moment the code was handed over."""
    cpu_s: float = 60
    """Processor seconds of all processes of the run together."""
    memory_bytes: int = 2 * GIB
    """Memory of all processes together, files in scratch included, inputs not."""
    processes: int = 64
    """Processes and threads at one time."""
    file_bytes: int = 64 * MIB
    """The largest file that can be written."""
    scratch_bytes: int = 256 * MIB
    """Everything written to scratch, `/tmp` and the output folder together."""
    output_bytes: int = 64 * MIB
    """All collected output files together."""
    log_bytes: int = 64 * KIB
    """How much of standard output, and of standard error, is kept: its beginning."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be positive, not {value}")
