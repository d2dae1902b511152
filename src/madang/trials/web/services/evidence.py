"""How does a stranger check what was recorded of a demand? Entries, proofs and the checkpoint."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from madang.kernel.evidence.statement import BASE, Statement
from madang.portal.log import log
from madang.portal.models import LogEntry
from madang.trials.web.services.annals import INTERNAL

if TYPE_CHECKING:
    from madang.trials.web.models import Demand

MOST = 500


def of_demand(demand: Demand) -> dict[str, Any]:
    """Every public entry whose first subject is the demand.

    Returns:
        `checkpoint` (the signed note), `signer` (the key that signed it) and `entries`, each with
        `index`, `statement` and `proof` (hashes from it to the checkpoint's root, RFC 6962).
    """
    found = LogEntry.objects.filter(subject=f"demand/{demand.name}").order_by("index")
    rows = list(found.values_list("index", "content")[:MOST])
    here = log()
    head = here.head()
    entries = []
    for index, content in rows:
        statement = Statement.decode(bytes(content))
        noun = statement.predicate_type.removeprefix(BASE).rpartition("/v")[0]
        if noun in INTERNAL or index >= head.size:
            continue
        proof = here.inclusion(index, head.size)
        entries.append(
            {
                "index": index,
                "statement": statement.to_json(),
                "proof": [base64.b64encode(step).decode() for step in proof],
            }
        )
    return {
        "checkpoint": here.checkpoint().decode(),
        "signer": here.signer.text,
        "entries": entries,
    }
