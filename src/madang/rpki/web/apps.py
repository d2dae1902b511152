"""The routing-security system as Django knows it."""

from django.apps import AppConfig


class RpkiConfig(AppConfig):
    """Members with their drafts, the routes that were seen, and what somebody must be told."""

    name = "madang.rpki.web"
    label = "rpki"
    default_auto_field = "django.db.models.BigAutoField"
