"""Where does each page of the programme stand? Below `/programme/`."""

from __future__ import annotations

from django.urls import path

from madang.programme.web.views import lines, open_data, overview, plans, work

urlpatterns = [
    path("", overview.overview, name="index"),
    path("brief.pdf", open_data.sheet, name="brief"),
    path("open-data/", open_data.listing, name="open-data"),
    path("open-data/<str:name>", open_data.file, name="open-file"),
    path("work", work.work, name="work"),
    path("lines/<slug:line>", lines.line, name="line"),
    path("lines/<slug:line>/plan", plans.plan, name="plan"),
    path("lines/<slug:line>/cause", plans.cause, name="cause"),
]
