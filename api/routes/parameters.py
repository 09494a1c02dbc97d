"""Which parameters an address may have: a misspelt one would else be taken for none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute

from api.routes.access import OPEN, name_of
from api.routes.callers import recognized
from api.services.access.principal import Principal
from models.nearest import nearest_advice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi import APIRouter

SHOWN = 80


class KnownParameters:
    """Refuses parameters that a route does not know; a dependency of the whole app.

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

    async def __call__(
        self, request: Request, _who: Annotated[Principal | None, Depends(recognized)]
    ) -> None:
        """Raise RequestValidationError, with every unknown parameter of a request."""
        name = name_of(request.scope["route"], request.method)
        unknown = [one for one in request.query_params if one not in self._known[name]]
        if unknown and name not in OPEN:
            raise RequestValidationError([_fault(one, self._known[name]) for one in unknown])


def _parameters(route: APIRoute) -> tuple[str, ...]:
    parameters = get_flat_params(route.dependant)
    return tuple(one.alias for one in parameters if isinstance(one.field_info, Query))


def _fault(name: str, known: tuple[str, ...]) -> dict[str, object]:
    allowed = f"allowed are {', '.join(known)}" if known else "this route has none"
    advice = " ".join(filter(None, (nearest_advice(name, known), f"{allowed}.".capitalize())))
    return {
        "type": "unknown_parameter",
        "loc": ("query", name[:SHOWN]),
        "msg": f"There is no such parameter. {advice}",
    }
