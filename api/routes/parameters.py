"""Which parameters an address may have: a misspelt one would else be taken for none, and of one
that comes twice the last.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute

from api.routes.access import OPEN, name_of
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter

SHOWN = 80


class KnownParameters:
    """Refuses parameters that a route does not know, or knows once; a dependency of the whole app.

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
        self._known = {
            name_of(route, method): _parameters(route)
            for route in routes
            for method in route.methods or ()
        }

    async def __call__(self, request: Request) -> None:
        """Raise RequestValidationError, with every such parameter of a request."""
        name = name_of(request.scope["route"], request.method)
        if name in OPEN:
            return
        known = self._known[name]
        asked = Counter(one for one, _ in request.query_params.multi_items())
        faults = [_unknown(one, tuple(known)) for one in asked if one not in known]
        faults += [
            _fault(one, f"It is given {count:,} times. Give it once.")
            for one, count in asked.items()
            if count > 1 and not known.get(one, True)
        ]
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


def _is_list(annotation: object) -> bool:
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def _unknown(name: str, known: tuple[str, ...]) -> dict[str, object]:
    allowed = f"allowed are {', '.join(known)}" if known else "this route has none"
    advice = " ".join(filter(None, (nearest_advice(name, known), f"{allowed}.".capitalize())))
    return _fault(name, f"There is no such parameter. {advice}")


def _fault(name: str, text: str) -> dict[str, object]:
    return {"type": "parameter", "loc": ("query", name[:SHOWN]), "msg": text}
