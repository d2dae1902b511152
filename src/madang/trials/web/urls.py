"""Where does each page of the trials stand? Below `/trials/`."""

from django.urls import path

from madang.trials.web.views import catalogue, demand

urlpatterns = [
    path("", catalogue.catalogue, name="index"),
    path("demands/<slug:demand>", demand.demand, name="demand"),
    path("demands/<slug:demand>/data/<str:file>", demand.data, name="data"),
    path("demands/<slug:demand>/evidence.json", demand.proofs, name="proofs"),
]
