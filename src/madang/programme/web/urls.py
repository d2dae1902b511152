"""Where does each page of the programme stand? Below `/programme/`."""

from __future__ import annotations

from django.urls import path

from madang.programme.web.views import overview

urlpatterns = [
    path("", overview.overview, name="index"),
]
