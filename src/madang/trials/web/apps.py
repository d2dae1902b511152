"""The trials as Django knows them."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """Demands, submissions, decisions, adoptions."""

    name = "madang.trials.web"
    label = "trials"
    default_auto_field = "django.db.models.BigAutoField"
