"""Where does each page of route security stand? Below `/rpki/`."""

from __future__ import annotations

from django.urls import path

from madang.rpki.web.views import board, changes, members, objects, office

urlpatterns = [
    path("", board.index, name="index"),
    path("why", board.why, name="why"),
    # What the validator saw. An object is named by its own address in the world.
    path("points/", objects.points, name="points"),
    path("point", objects.point, name="point"),
    path("object", objects.object_, name="object"),
    path("repositories/", objects.repositories, name="repositories"),
    # A member's console.
    path("members/<slug:member>/", members.member, name="member"),
    path("members/<slug:member>/alarms", members.alarms, name="member-alarms"),
    path("members/<slug:member>/roas.csv", members.roas, name="roas"),
    path("members/<slug:member>/aspas.csv", members.aspas, name="aspas"),
    path("members/<slug:member>/draft", changes.draft, name="draft"),
    path("members/<slug:member>/draft/preview", changes.preview, name="preview"),
    path("members/<slug:member>/draft/discard", changes.discard, name="discard"),
    path("members/<slug:member>/bulk", changes.bulk, name="bulk"),
    # The registry's office.
    path("office/", office.index, name="office"),
    path("office/found", office.found, name="found"),
    path("office/add", office.add, name="add"),
    path("office/routes", office.routes, name="routes"),
    path("office/due", office.due, name="due"),
    path("office/alarms", office.alarms, name="alarms"),
    path("office/members/<slug:member>/resources", office.resources, name="resources"),
    path("office/members/<slug:member>/key", office.key, name="key-roll"),
    path("office/members/<slug:member>/remove", office.remove, name="remove"),
]
