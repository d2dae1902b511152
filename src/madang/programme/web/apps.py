"""The programme as Django knows it."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    """Acts and bookings, papers, plans, and how each indicator stands."""

    name = "madang.programme.web"
    label = "programme"
    default_auto_field = "django.db.models.BigAutoField"
