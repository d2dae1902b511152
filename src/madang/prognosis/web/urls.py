"""Where does each page of the prognosis system stand? Below `/prognosis/`."""

from __future__ import annotations

from django.urls import path

from madang.prognosis.web.views import intakes, models, patients, rooms, servers

urlpatterns = [
    path("", rooms.index, name="index"),
    path("worklist", rooms.worklist, name="worklist"),
    path("patients/", patients.listing, name="patients"),
    path("patients/register", patients.register, name="register"),
    path("patients/<str:patient>/", patients.patient, name="patient"),
    path("patients/<str:patient>/look", patients.look, name="look"),
    path("patients/<str:patient>/visit", patients.visit, name="visit"),
    path("patients/<str:patient>/end", patients.end, name="end"),
    path("patients/<str:patient>/fhir", patients.fhir, name="fhir"),
    path("patients/<str:patient>/export", patients.export, name="export"),
    path("patients/<str:patient>/erase", patients.erase, name="erase"),
    path("patients/<str:patient>/send", servers.send, name="send"),
    path("servers/", servers.listing, name="servers"),
    path("servers/<int:server>/remove", servers.remove, name="server-remove"),
    path("launch", servers.launch, name="launch"),
    path("launched", servers.launched, name="launched"),
    path("records/fetch", servers.fetch, name="fetch"),
    path("records/", intakes.listing, name="intakes"),
    path("records/<int:intake>/", intakes.intake, name="intake"),
    path("records/<int:intake>/outcome.json", intakes.outcome, name="outcome"),
    path("models/", models.listing, name="models"),
    path("models/register", models.register, name="model-register"),
    path("models/compare", models.compare, name="compare"),
    path("models/<slug:model>/", models.model, name="model"),
    path("models/<slug:model>/monitor", models.monitor, name="monitor"),
    path("models/<slug:model>/dossier.pdf", models.dossier, name="dossier"),
    path("models/<slug:model>/file", models.file, name="model-file"),
    path("models/<slug:model>/<slug:step>", models.decide, name="model-step"),
]
