"""Where does each page of the trials stand? Below `/trials/`."""

from django.urls import path

from madang.trials.web.views import catalogue, demand, editor, postings

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
]
