"""Where does each page of the programme stand? Below `/programme/`."""

from __future__ import annotations

from django.urls import path

from madang.programme.web.views import (
    acts,
    bookings,
    entries,
    imports,
    months,
    overview,
    settlement,
)

urlpatterns = [
    path("", overview.overview, name="index"),
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
]
