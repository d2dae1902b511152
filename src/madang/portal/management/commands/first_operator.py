"""Invite the first operator of a new site, who makes everybody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from madang.kernel.errors import InputError
from madang.kernel.words import words
from madang.portal import organisations, people, schema
from madang.portal.models import Membership, Organisation, Role

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """`madang manage first-operator ADDRESS`."""

    help = "Make the body that runs the site and invite its first operator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("email", help="The operator's address.")
        parser.add_argument("--slug", default="operator", help="The body's name in addresses.")
        parser.add_argument("--name-ko", default="운영기관", help="Its name in Korean.")
        parser.add_argument("--name-en", default="Operating body", help="Its name in English.")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Make and invite; print where the invitation is taken up."""
        schema.require()
        email = options["email"]
        try:
            validate_email(email)
        except ValidationError as fault:
            raise InputError(
                words(f"이메일 {email}", f"the address {email}"),
                words("name@example.org 같은 주소", "one such as name@example.org"),
            ) from fault
        role = Role.objects.get(code="operator")
        if Membership.objects.filter(role=role, user__is_active=True).exists():
            raise InputError(
                words("운영자가 이미 있음", "an operator already"),
                words("운영자가 없는 새 사이트", "a new site without one"),
                words(
                    "다른 운영자는 기관 화면에서 초대합니다.",
                    "An operator invites others on the organisation's page.",
                ),
            )
        body = Organisation.objects.filter(slug=options["slug"]).first()
        if body is None:
            values = {name: options[name] for name in ("slug", "name_ko", "name_en")}
            body = organisations.create(values | {"kind": "public"}, by=None)
        secret, _ = people.invite(body, email, role, by=None)
        host = settings.ALLOWED_HOSTS[0]
        scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
        path = reverse("invitation", args=[secret])
        said = words(
            f"14일 안에 {email} 계정을 만들어 로그인한 뒤 이 주소에서 수락하십시오:",
            f"Within 14 days, make an account for {email}, sign in and accept here:",
        )
        self.stdout.write(f"{said}\n  {scheme}://{host}{path}")
