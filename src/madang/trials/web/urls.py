"""Where does each page of the trials stand? Below `/trials/`."""

from django.urls import path

from madang.trials.web.views import catalogue

urlpatterns = [
    path("", catalogue.catalogue, name="index"),
    path("demands/<slug:demand>", catalogue.catalogue, name="demand"),
]
