"""Where does each page of the programme stand? Below `/programme/`."""

from __future__ import annotations

from django.urls import path

from madang.programme.web.views import indicators, overview

urlpatterns = [
    path("", overview.overview, name="index"),
    path("indicators/", indicators.listing, name="indicators"),
    path("indicators/<slug:indicator>/", indicators.indicator, name="indicator"),
    path(
        "indicators/<slug:indicator>/proofs/<int:index>.json",
        indicators.proof,
        name="indicator-proof",
    ),
]
