"""How is a user made and found? By their address, which is their one name."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import BaseUserManager


class UserManager(BaseUserManager[Any]):
    """Makes users, whose one name is their address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """A person; without a password they sign in by a link or by OIDC alone."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> Any:
        """The user of this address, however it is written."""
        return self.get(email__iexact=username)
