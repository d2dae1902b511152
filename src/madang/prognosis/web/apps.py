"""The prognosis system as Django knows it."""

from django.apps import AppConfig


class PrognosisConfig(AppConfig):
    """Patients under follow-up, what models said of them, and how the models hold."""

    name = "madang.prognosis.web"
    label = "prognosis"
    default_auto_field = "django.db.models.BigAutoField"
