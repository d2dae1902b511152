"""Where does each page of the trials stand? Below `/trials/`."""

from django.urls import path

from madang.trials.web.views import adoption, catalogue, consultation, demand, editor, postings

urlpatterns = [
    path("", catalogue.catalogue, name="index"),
    path("own", catalogue.own, name="own"),
    path("new", editor.new, name="new"),
    path("demands/<slug:demand>", demand.demand, name="demand"),
    path("demands/<slug:demand>/data/<str:file>", demand.data, name="data"),
    path("demands/<slug:demand>/evidence.json", demand.proofs, name="proofs"),
    path("demands/<slug:demand>/edit", editor.edit, name="edit"),
    path("demands/<slug:demand>/edit/table", editor.upload, name="edit-table"),
    path("demands/<slug:demand>/edit/progress", editor.progress, name="edit-progress"),
    path("demands/<slug:demand>/edit/<slug:step>", editor.edit, name="edit-step"),
    path("demands/<slug:demand>/edit/<slug:step>/look", editor.look, name="edit-look"),
    path("demands/<slug:demand>/post", postings.post, name="post"),
    path("demands/<slug:demand>/put-off", postings.put_off, name="put-off"),
    path("demands/<slug:demand>/withdraw", postings.withdraw, name="withdraw"),
    path("demands/<slug:demand>/adopt", consultation.begin, name="adopt"),
    path("demands/<slug:demand>/consultation", consultation.consultation, name="consultation"),
    path("demands/<slug:demand>/consultation/edit", consultation.edit, name="consultation-edit"),
    path("demands/<slug:demand>/consultation/sign", consultation.sign, name="sign"),
    path(
        "demands/<slug:demand>/consultation/conditions/<slug:condition>",
        consultation.settle,
        name="settle",
    ),
    path(
        "demands/<slug:demand>/consultation/evidence/<str:digest>",
        consultation.evidence,
        name="evidence",
    ),
    path("demands/<slug:demand>/adoption", adoption.adoption, name="adoption"),
    path("demands/<slug:demand>/adoption/plan", adoption.plan, name="adoption-plan"),
    path("demands/<slug:demand>/adoption/observe", adoption.observe, name="observe"),
    path("demands/<slug:demand>/adoption/<slug:name>", adoption.move, name="move"),
]
