"""What is said of a request that has not the form that the API's description tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from api.routes.parameters import names_advice
from api.schemas.common import ID, NO_NUL, NOT_BLANK
from models.issues import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastapi.routing import APIRoute

SHOWN_OF = frozenset({"body", "query", "path"})
SECRETS = frozenset({"key", "token", "code", "state"})
"""Names of fields and parameters that are never told back."""
PATTERNS = {
    ID: "must be an id that this service gave, of 32 digits and letters from a to f",
    NO_NUL: "must have no NUL character",
    NOT_BLANK: "must tell something, and have no NUL character",
}
"""What patterns mean."""


def fault_told(fault: Mapping[str, Any], body: Any, route: APIRoute | None) -> str:
    """Return a fault of a request's form, with its place: of JSON its line and column.

    Parameters
    ----------
    fault : as Pydantic tells it
    body : the text of a body that is no JSON
    route : what was asked, where it is known
    """
    place, kind = fault["loc"], fault["type"]
    if kind == "json_invalid" and isinstance(body, str):
        at = int(place[-1])
        line, column = body.count("\n", 0, at) + 1, at - body.rfind("\n", 0, at)
        return f"body, line {line}, column {column}: it is no JSON: {fault['ctx']['error']}"
    told = f"{'.'.join(map(str, place))}: "
    if kind == "extra_forbidden":
        known = _fields(route, place)
        advice = names_advice(str(place[-1]), known) if known else ""
        return f"{told}There is no such field. {advice}".rstrip()
    told += PATTERNS.get(fault.get("ctx", {}).get("pattern"), str(fault["msg"]))
    given = fault.get("input")
    if place[0] not in SHOWN_OF or SECRETS & set(place) or not isinstance(given, str | int | float):
        return told
    return f"{told}; got {shown(given)}"


def _fields(route: APIRoute | None, place: Sequence[str | int]) -> list[str]:
    """Return the fields of the object of a body in which a place lies; none if it is not known."""
    models = [] if route is None or route.body_field is None else [route.body_field.field_info]
    found = [model for one in models for model in _models(one.annotation)]
    for part in place[1:-1]:
        # What a list holds has its name.
        if isinstance(part, str):
            inside = [model.model_fields[part] for model in found if part in model.model_fields]
            found = [model for one in inside for model in _models(one.annotation)]
    return sorted({name for model in found for name in model.model_fields})


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
