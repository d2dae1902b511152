"""Which objects of a whole point are believed, and which are not?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from madang.rpki.engine.faults import Fault
from madang.rpki.engine.validation.judge import JUDGED_KINDS, Judge, Revocations
from madang.rpki.engine.validation.verdicts import Judged, PointVerdict, Refusal

if TYPE_CHECKING:
    from collections.abc import Hashable

    from madang.rpki.engine.validation.issued import Window
    from madang.rpki.engine.validation.policy import Policy
    from madang.rpki.engine.validation.verdicts import Authority
    from madang.rpki.engine.validation.whole import Whole


class Published:
    """The objects of one whole point, judged one by one."""

    def __init__(
        self,
        whole: Whole,
        authority: Authority,
        window: Window,
        policy: Policy,
        before: PointVerdict | None,
    ) -> None:
        self._whole, self._window = whole, window
        # Under another list's name, what pointed to the earlier one must be judged anew.
        same_list = before is not None and before.crl == whole.crl_name
        self._known = before.accepted if before and same_list else {}
        self._repository = authority.certificate.repository
        self._name = authority.certificate.manifest[len(self._repository) :]
        revocations = Revocations(whole.crl, self._repository + whole.crl_name)
        self._judge = Judge(authority, revocations, window, policy)

    def verdict(
        self,
        *,
        failure: Refusal | None,
        is_kept: bool,
        tokens: tuple[Hashable, Hashable],
    ) -> PointVerdict:
        """What all of them gave."""
        whole = self._whole
        accepted: dict[str, Judged] = {}
        refused: list[Refusal] = []
        ignored = 0
        for name, digest in whole.manifest.files.items():
            if not name.endswith(JUDGED_KINDS):
                ignored += 1
                continue
            try:
                accepted[name] = self._judged(name, digest)
            except Fault as fault:
                refused.append(Refusal(name, fault))
        return PointVerdict(
            source=whole.point.source,
            accepted=accepted,
            refused=tuple(refused),
            ignored=ignored,
            failure=failure,
            from_last_good=is_kept,
            files=(self._name, *whole.manifest.files),
            crl=whole.crl_name,
            number=whole.manifest.number,
            this_update=whole.manifest.this_update,
            next_update=whole.manifest.next_update,
            expires=min(whole.manifest.next_update, whole.crl.next_update),
            since=self._window.since,
            until=self._window.until,
            tokens=tokens,
        )

    def _judged(self, name: str, digest: bytes) -> Judged:
        """The verdict on one file; the earlier one on the same bytes where it still stands."""
        known = self._known.get(name)
        if known is None or known.digest != digest:
            return self._judge.judged(name, digest, self._read(name))
        self._judge.still(known)
        return known

    def _read(self, name: str) -> bytes:
        content = self._whole.files.get(name)
        if content is None:
            # Its size and its hash were found right a moment ago.
            content = self._whole.point.read(name)
        if content is None:
            raise Fault("file-missing", -1, name)
        return content
