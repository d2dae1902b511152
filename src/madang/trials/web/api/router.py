"""Where do all operations of the trials hang? On one router: an address has several methods."""

from __future__ import annotations

from ninja import Router

router = Router()
