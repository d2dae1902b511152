"""The fund as Django knows it."""

from django.apps import AppConfig


class FundConfig(AppConfig):
    """Funds with their terms and ledgers, who has a share in them, and what waits for approval."""

    name = "madang.fund.web"
    label = "fund"
    default_auto_field = "django.db.models.BigAutoField"
