"""Which jobs are the portal's own, as a system's manifest names those of a system?"""

from __future__ import annotations

JOBS: dict[str, str] = {
    "check_log": "madang.portal.log_folder:check",
    "deliver": "madang.portal.webhooks:deliver",
}
"""Name of a job, used as `portal.<name>` → the plain function that does it."""

SETTLE: dict[str, str] = {}
"""Name of a job → settle(run): remembers how a run ended, in the transaction that marks it."""
