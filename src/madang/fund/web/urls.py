"""Where does each page of the funds stand? Below `/fund/`."""

from __future__ import annotations

from django.urls import path

from madang.fund.web.views import (
    acts,
    funds,
    imports,
    ledger,
    partners,
    pipeline,
    plans,
    portfolio,
    reports,
    terms,
)

urlpatterns = [
    path("", funds.index, name="index"),
    path("register", funds.register, name="register"),
    path("oversight", funds.oversight, name="oversight"),
    path("told/<slug:fund>", funds.told, name="told"),
    path("<slug:fund>/", funds.fund, name="desk"),
    path("<slug:fund>/publish", funds.publish, name="publish"),
    # What happens to a fund: asked for by one person, approved by another.
    path("<slug:fund>/do/<slug:kind>", acts.do, name="do"),
    path("<slug:fund>/acts/", acts.listing, name="acts"),
    path("<slug:fund>/acts/<slug:act>", acts.act, name="act"),
    path("<slug:fund>/acts/<slug:act>/approve", acts.approve, name="act-approve"),
    path("<slug:fund>/acts/<slug:act>/refuse", acts.refuse, name="act-refuse"),
    path("<slug:fund>/acts/<slug:act>/withdraw", acts.withdraw, name="act-withdraw"),
    path("<slug:fund>/acts/<slug:act>/undo", imports.undo, name="act-undo"),
    path("<slug:fund>/import", imports.import_, name="import"),
    # What stands in its books.
    path("<slug:fund>/ledger", ledger.ledger, name="ledger"),
    path("<slug:fund>/entries/<int:number>", ledger.entry, name="entry"),
    path("<slug:fund>/papers/<slug:sha256>", ledger.paper, name="paper"),
    path("<slug:fund>/portfolio", portfolio.portfolio, name="portfolio"),
    path("<slug:fund>/companies/add", portfolio.add, name="company-add"),
    path("<slug:fund>/companies/<str:company>", portfolio.company, name="company"),
    path("<slug:fund>/companies/<str:company>/record", portfolio.record, name="record"),
    path("<slug:fund>/companies/<str:company>/publish", portfolio.show, name="company-publish"),
    path("<slug:fund>/pipeline/", pipeline.listing, name="pipeline"),
    path("<slug:fund>/pipeline/receive", pipeline.receive, name="receive"),
    path("<slug:fund>/pipeline/<int:number>", pipeline.application, name="application"),
    path("<slug:fund>/pipeline/<int:number>/<slug:kind>", pipeline.step, name="application-step"),
    path("<slug:fund>/partners/", partners.partners, name="partners"),
    path("<slug:fund>/partners/<int:partner>", partners.partner, name="partner"),
    path("<slug:fund>/partners/<int:partner>/ledger", partners.ledger, name="partner-ledger"),
    path("<slug:fund>/partners/<int:partner>/stake", partners.stake, name="stake"),
    path("<slug:fund>/partners/<int:partner>/stake/end", partners.end, name="stake-end"),
    path(
        "<slug:fund>/partners/<int:partner>/notices/<int:number>.pdf",
        partners.notice,
        name="notice",
    ),
    path("<slug:fund>/terms", terms.terms, name="terms"),
    path("<slug:fund>/terms/<int:version>.yaml", terms.file, name="terms-file"),
    path("<slug:fund>/what-if", terms.what_if, name="what-if"),
    path("<slug:fund>/measures", reports.measures, name="measures"),
    path("<slug:fund>/plan", plans.plan, name="plan"),
    path("<slug:fund>/reports/", reports.reports, name="reports"),
    path("<slug:fund>/reports/<slug:name>", reports.report, name="report"),
]
