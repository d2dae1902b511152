"""What was handed in or made: where does it lie, and whose is it?"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from madang.kernel.store.objects import Objects
from madang.portal.models import StoredObject

if TYPE_CHECKING:
    from madang.portal.models import Organisation, User


@cache
def _objects(address: str) -> Objects:
    return Objects(address)


def objects() -> Objects:
    """The site's object store."""
    return _objects(str(settings.OBJECTS))


def keep(
    content: bytes,
    *,
    name: str,
    media_type: str,
    owner: Organisation | None,
    by: User | None,
    is_public: bool = False,
) -> StoredObject:
    """Keep a content and remember whose it is."""
    return StoredObject.objects.create(
        digest=objects().put(content),
        name=name,
        media_type=media_type,
        size=len(content),
        owner=owner,
        by=by,
        is_public=is_public,
    )
