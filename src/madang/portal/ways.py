"""Where did a reader come from? A way back leads to a page of this site, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http import HttpRequest


def before(request: HttpRequest) -> str:
    """The path of the page that led here; empty where it is none of this site's, or unknown."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    try:
        parts = urlsplit(told)
        is_ours = parts.netloc == request.get_host()
    except (DisallowedHost, ValueError):
        return ""
    # A path may begin with two slashes and then names another site.
    is_fit = is_ours and url_has_allowed_host_and_scheme(parts.path, None)
    return parts.path if is_fit else ""
