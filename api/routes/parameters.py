"""Which parameters an address, and which fields a form may have: a misspelt one would else be taken
for none, and of one that comes twice the last.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form, Query
from fastapi.routing import APIRoute

from api.routes.access import OPEN, name_of
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapi import APIRouter
    from starlette.datastructures import ImmutableMultiDict

SHOWN = 80


class KnownParameters:
    """Refuses parameters, and fields of forms, that a route does not know, or knows once; a
    dependency of the whole app.

    Open routes take any: an identity provider sends a browser back with parameters of its own,
    links are lengthened by who passes them on, and monitors ask for `/health?now=...`.

    Parameters
    ----------
    routers : with the routes of the app
    """

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        routes = [
            route for router in routers for route in router.routes if isinstance(route, APIRoute)
        ]
        named = [(name_of(route, one), route) for route in routes for one in route.methods or ()]
        self._known = {name: _parameters(route) for name, route in named}
        self._fields = {name: fields for name, route in named if (fields := _fields(route))}

    async def __call__(self, request: Request) -> None:
        """Raise RequestValidationError, with every such parameter and field of a request."""
        name = name_of(request.scope["route"], request.method)
        if name in OPEN:
            return
        faults = _faults("query", request.query_params, self._known[name])
        if name in self._fields:
            # The framework has read it, and keeps it.
            faults += _faults("body", await request.form(), self._fields[name])
        if faults:
            raise RequestValidationError(faults)


def _parameters(route: APIRoute) -> dict[str, bool]:
    """Return the parameters of a route, and whether each may come more than once."""
    parameters = get_flat_params(route.dependant)
    return {
        one.alias: _is_list(one.field_info.annotation)
        for one in parameters
        if isinstance(one.field_info, Query)
    }


def _fields(route: APIRoute) -> dict[str, bool]:
    """Return the fields of a route's form, and whether each may come more than once."""
    return {
        one.alias: _is_list(one.field_info.annotation)
        for one in route.dependant.body_params
        if isinstance(one.field_info, Form)
    }


def _is_list(annotation: object) -> bool:
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def _faults(
    place: str, given: ImmutableMultiDict[str, Any], known: Mapping[str, bool]
) -> list[dict[str, object]]:
    """Return what is wrong with the names of what was given, and how often each came."""
    asked = Counter(name for name, _ in given.multi_items())
    noun = "field" if place == "body" else "parameter"
    faults = [
        _fault(place, name, f"There is no such {noun}. {names_advice(name, tuple(known))}")
        for name in asked
        if name not in known
    ]
    return faults + [
        _fault(place, name, f"It is given {count:,} times. Give it once.")
        for name, count in asked.items()
        if count > 1 and not known.get(name, True)
    ]


def names_advice(name: str, known: Sequence[str]) -> str:
    """Return which name may be meant, and which there are, in sentences."""
    allowed = f"Allowed are {', '.join(known)}." if known else "This route has none."
    return " ".join(filter(None, (nearest_advice(name, known), allowed)))


def _fault(place: str, name: str, text: str) -> dict[str, object]:
    return {"type": "parameter", "loc": (place, name[:SHOWN]), "msg": text}
