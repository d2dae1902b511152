"""What does the API say of itself? OpenAPI, completed with what the door does for every call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from ninja import NinjaAPI
from pydantic.fields import FieldInfo

from madang.portal.api.bodies import JSON_BYTES, MULTIPART, Takes
from madang.portal.api.idempotency import HEADER
from madang.portal.api.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from ninja.openapi.schema import OpenAPISchema
    from ninja.operation import Operation

PREFIX = "api/v1/"
UPLOAD_BYTES = 64 * 2**20
"""The largest form with files, where an operation does not say `x-largest-bytes`."""

_PROBLEM = {
    "title": "Problem",
    "description": "무엇이 잘못되었는지 (RFC 9457) · What went wrong (RFC 9457)",
    "type": "object",
    "required": ["type", "title", "status", "detail", "request"],
    "properties": {
        "type": {
            "type": "string",
            "description": "종류; 참조 화면의 주소 · Its kind, a place on the reference page",
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {
            "type": "string",
            "description": "확인된 내용, 필요한 내용, 할 일 · Found, expected, what to do",
        },
        "request": {
            "type": "string",
            "description": "문의할 때 알려 줄 요청 번호 · The request, to be named in a report",
        },
        "errors": {
            "type": "array",
            "description": "맞지 않는 값마다 하나 · One for each value that does not fit",
            "items": {
                "type": "object",
                "properties": {
                    "place": {"type": "string"},
                    "expected": {"type": "string"},
                },
            },
        },
    },
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": (
        "같은 키로 다시 보낸 같은 요청에는 처음 응답을 다시 줍니다 (48시간). · "
        "The same request with the same key gets the first answer again, for 48 hours."
    ),
    "schema": {"type": "string", "pattern": "^[!-~]{1,120}$"},
}


class Described(NinjaAPI):
    """The API, with a description that names every answer the door may give."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._views: dict[str, Callable[..., Any]] = {}

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """A name that stays when modules move: the system's and the function's."""
        module = operation.view_func.__module__.split(".")[1]
        name = operation.view_func.__name__
        identifier = name if module == "portal" else f"{module}_{name}"
        self._views[identifier] = operation.view_func
        return identifier

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description, complete."""
        found = super().get_openapi_schema(
            path_prefix=PREFIX if path_prefix is None else path_prefix, path_params=path_params
        )
        found["components"]["schemas"]["Problem"] = _PROBLEM
        found["components"]["responses"] = {
            "Problem": {
                "description": "문제 · Problem",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        }
        for path, methods in found["paths"].items():
            for method, operation in methods.items():
                _explain(operation, self._views[operation["operationId"]])
                _complete(path, method, operation)
        return found

    def takes(self) -> dict[str, dict[str, Takes]]:
        """Path → method → what is taken there."""
        paths = self.get_openapi_schema(path_prefix="")["paths"]
        return {
            path.lstrip("/"): {
                method.upper(): _takes(operation) for method, operation in methods.items()
            }
            for path, methods in paths.items()
        }


def path_of(route: str) -> str:
    """The path of the description at which a route of Django stands."""
    return re.sub(r"<(?:[^>:]+:)?([^>]+)>", r"{\1}", route)


def file_answer(*media_types: str) -> dict[str, Any]:
    """The answer of an operation that gives a file, for its `openapi_extra`."""
    schema = {"schema": {"type": "string", "format": "binary"}}
    return {"responses": {200: {"content": dict.fromkeys(media_types, schema)}}}


def _explain(operation: dict[str, Any], view: Callable[..., Any]) -> None:
    """What its parameters mean, which stands in their types; and none of them is ever null."""
    hints = get_type_hints(view, include_extras=True)
    for each in operation["parameters"]:
        schema = each["schema"]
        if "anyOf" in schema:
            (each["schema"],) = (one for one in schema["anyOf"] if one.get("type") != "null")
        if meaning := _meaning(hints.get(each["name"])):
            each["description"] = meaning


def _meaning(hint: Any) -> str:
    for each in (hint, *get_args(hint)):
        for told in getattr(each, "__metadata__", ()):
            if isinstance(told, FieldInfo) and told.description:
                return str(told.description)
    return ""


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    # Docstrings say it in both languages: `한국어 · English.`, then whatever needs more words.
    summary, _, more = operation.pop("description").partition("\n\n")
    operation["summary"] = summary.strip().rstrip(".")
    if more:
        operation["description"] = more
    operation["responses"] = {str(code): told for code, told in operation["responses"].items()}
    statuses = {"400", "422", "429"}
    if "security" in operation or "requestBody" in operation:
        statuses |= {"401", "403"}
    else:
        operation["security"] = [{}, {"Token": []}]  # more may be seen with a token
        statuses |= {"401"}
    if "{" in path:
        statuses.add("404")
    if "requestBody" in operation:
        statuses |= {"413", "415"}
        if form := operation["requestBody"]["content"].get(MULTIPART):
            form["schema"]["additionalProperties"] = False
    if method == "post":
        statuses.add("409")
        operation["parameters"].append(_KEY)
    for status in sorted(statuses):
        operation["responses"].setdefault(status, {"$ref": "#/components/responses/Problem"})


def _takes(operation: dict[str, Any]) -> Takes:
    query = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    content = operation.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), "")
    largest = UPLOAD_BYTES if media_type == MULTIPART else JSON_BYTES
    return Takes(
        query=frozenset(query),
        media_type=media_type,
        fields=frozenset(content.get(MULTIPART, {}).get("schema", {}).get("properties", {})),
        largest_bytes=operation.get("x-largest-bytes", largest),
    )
