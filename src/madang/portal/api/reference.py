"""How does a person read what the API offers? A page made from the description, and the JSON."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.shortcuts import render

from madang.kernel import systems, webhook
from madang.kernel.words import Words, words
from madang.portal import webhooks
from madang.portal.access import public
from madang.portal.api.idempotency import HEADER, KEPT
from madang.portal.api.problems import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.http import HttpRequest, HttpResponse

PORTAL = words("토큰과 웹훅", "Token and webhooks")


@dataclass(frozen=True, kw_only=True)
class Field:
    """A parameter, or a member of a body."""

    name: str
    where: Words
    form: str
    is_needed: bool
    meaning: Words


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation, as a reader sees it."""

    anchor: str
    method: str
    path: str
    title: Words
    more: Words
    needs_token: bool
    media_type: str
    takes: list[Field]
    gives: list[tuple[str, str]]
    """Status and the name of what is answered."""


WHERE = {
    "path": words("주소", "address"),
    "query": words("질의", "query"),
    "header": words("머리글", "header"),
    "body": words("본문", "body"),
}


class Reference:
    """The two views.

    Args:
        describe: Gives the description, which is asked for once, at the first view.
    """

    def __init__(self, describe: Callable[[], Mapping[str, Any]]) -> None:
        self._describe = describe

    @cached_property
    def description(self) -> Mapping[str, Any]:
        """OpenAPI as plain JSON."""
        return self._describe()

    @public
    def openapi(self, request: HttpRequest) -> HttpResponse:
        """The description for programs."""
        response = JsonResponse(self.description, json_dumps_params={"ensure_ascii": False})
        response["Cache-Control"] = "public, max-age=300"
        return response

    @public
    def page(self, request: HttpRequest) -> HttpResponse:
        """The description for people."""
        context = {
            "groups": self.groups,
            "shapes": self.shapes,
            "problems": [(name, kind.status, kind.title) for name, kind in KINDS.items()],
            "events": webhooks.events().items(),
            "key_header": HEADER,
            "kept_hours": int(KEPT.total_seconds() // 3600),
            "signature_header": webhook.HEADER,
            "window_minutes": webhook.WINDOW_S // 60,
        }
        return render(request, "portal/programs/reference.html", context)

    @cached_property
    def groups(self) -> list[tuple[Words, list[Operation]]]:
        """The operations by system, in the order of the programme."""
        titles = {"portal": PORTAL} | {
            each.name: words(each.title_ko, each.title_en) for each in systems.installed()
        }
        found: dict[str, list[Operation]] = {name: [] for name in titles}
        for path, methods in self.description["paths"].items():
            for method, plain in methods.items():
                found[plain["tags"][0]].append(self._operation(path, method, plain))
        return [(titles[name], each) for name, each in found.items() if each]

    @cached_property
    def shapes(self) -> list[tuple[str, list[Field]]]:
        """What is answered: each shape with its members."""
        return [
            (name, list(self._members({"": {"schema": schema}})))
            for name, schema in sorted(self.description["components"]["schemas"].items())
            if schema.get("properties")
        ]

    def _operation(self, path: str, method: str, plain: Mapping[str, Any]) -> Operation:
        content = plain.get("requestBody", {}).get("content", {})
        return Operation(
            anchor=plain["operationId"],
            method=method.upper(),
            path=path,
            title=spoken(plain["summary"]),
            more=spoken(plain.get("description", "")),
            needs_token={} not in plain["security"],
            media_type=next(iter(content), ""),
            takes=[*_parameters(plain), *self._members(content)],
            gives=[
                (status, _shape(answer))
                for status, answer in plain["responses"].items()
                if status < "3"
            ],
        )

    def _members(self, content: Mapping[str, Any]) -> Iterator[Field]:
        for media in content.values():
            schema = self._resolved(media["schema"])
            for name, member in schema.get("properties", {}).items():
                yield Field(
                    name=name,
                    where=WHERE["body"],
                    form=_form(member),
                    is_needed=name in schema.get("required", ()),
                    meaning=spoken(member.get("description", "")),
                )

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if not name:
            return schema
        found: Mapping[str, Any] = self.description["components"]["schemas"][name]
        return found


def spoken(text: str) -> Words:
    """What stands as `한국어 · English`; a text without the dot is the same in both."""
    ko, _, en = text.partition(" · ")
    return words(ko, en or ko)


def _parameters(plain: Mapping[str, Any]) -> Iterator[Field]:
    for each in plain["parameters"]:
        if each["name"] == HEADER:
            continue  # told once for all
        yield Field(
            name=each["name"],
            where=WHERE[each["in"]],
            form=_form(each["schema"]),
            is_needed=each["required"],
            meaning=spoken(each.get("description", "")),
        )


def _shape(answer: Mapping[str, Any]) -> str:
    """What an answer holds, in a word."""
    for media_type, media in answer.get("content", {}).items():
        return _form(media["schema"]) if "json" in media_type else media_type
    return ""


def _form(schema: Mapping[str, Any]) -> str:
    """The form of a value in a few signs."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " | ".join(_form(each) for each in schema[several])
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "array":
        return f"[{_form(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "…") + _bounds(schema)


def _bounds(schema: Mapping[str, Any]) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    return f" {'' if low is None else low}…{'' if high is None else high}"
