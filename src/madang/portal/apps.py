"""The portal as Django knows it."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """People, organisations, the queue and the log."""

    name = "madang.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A new database gets the house's roles, the cache, and the indexes that systems need."""
        from django.db.models.signals import post_migrate

        post_migrate.connect(_complete, sender=self)


def _complete(**_: object) -> None:
    from django.core.management import call_command

    from madang.portal import queue, roles

    call_command("createcachetable", verbosity=0)
    roles.create_missing()
    queue.lay_indexes()
