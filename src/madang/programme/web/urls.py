"""Where does each page of the programme stand? Below `/programme/`."""

from __future__ import annotations

from django.urls import path

from madang.programme.web.views import (
    acts,
    awards,
    bookings,
    entries,
    imports,
    indicators,
    lines,
    months,
    open_data,
    overview,
    plans,
    settlement,
    work,
)

urlpatterns = [
    path("", overview.overview, name="index"),
    path("brief.pdf", open_data.sheet, name="brief"),
    path("open-data/", open_data.listing, name="open-data"),
    path("open-data/<str:name>", open_data.file, name="open-file"),
    path("work", work.work, name="work"),
    path("lines/<slug:line>", lines.line, name="line"),
    path("lines/<slug:line>/plan", plans.plan, name="plan"),
    path("lines/<slug:line>/cause", plans.cause, name="cause"),
    path("lines/<slug:line>/awards", awards.awards, name="awards"),
    # Running the year: who puts forward, who approves, what stands in the book.
    path("import", imports.import_, name="import"),
    path("import/sample.csv", imports.sample, name="import-sample"),
    path("book", bookings.book, name="book"),
    path("acts/", acts.listing, name="acts"),
    path("acts/<slug:act>", acts.act, name="act"),
    path("acts/<slug:act>/look", acts.look, name="act-look"),
    path("acts/<slug:act>/approve", acts.approve, name="act-approve"),
    path("acts/<slug:act>/refuse", acts.refuse, name="act-refuse"),
    path("acts/<slug:act>/withdraw", acts.withdraw, name="act-withdraw"),
    path("acts/<slug:act>/undo", acts.undo, name="act-undo"),
    path("acts/<slug:act>/source", acts.source, name="act-source"),
    path("entries/", entries.listing, name="entries"),
    path("entries/<str:entry>", entries.entry, name="entry"),
    path("papers/<slug:sha256>", entries.paper, name="paper"),
    path("months/", months.listing, name="months"),
    path("months/close", months.close, name="month-close"),
    path("settlement/", settlement.settlement, name="settlement"),
    path("settlement/settlement.<slug:kind>", settlement.written, name="settlement-file"),
    path("settlement/interest", settlement.interest, name="interest"),
    path("settlement/interest/<int:interest>/drop", settlement.drop, name="interest-drop"),
    path("indicators/", indicators.listing, name="indicators"),
    path("indicators/<slug:indicator>/", indicators.indicator, name="indicator"),
    path(
        "indicators/<slug:indicator>/proofs/<int:index>.json",
        indicators.proof,
        name="indicator-proof",
    ),
]
