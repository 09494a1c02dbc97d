"""How errors are answered: one shape for all of them (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.errors import BreachError, ServiceError
from api.routes.access import methods_of
from api.routes.shapes import fault_told
from api.schemas.common import Problem
from api.services.desk.intake import issue_records
from api.store.refusal import refusal_of
from models.errors import FairleadError, InputError, NoPlanError, PolicyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

LOG = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
SHOWN = 100
# What the framework cannot read of a body, of which it tells no more than that.
_UNREADABLE: dict[type, str] = {
    UnicodeDecodeError: "the body is no UTF-8, in which JSON is written; send it encoded so",
    RecursionError: "the body's JSON is nested too deeply; send it flatter",
    ValueError: "the body's JSON has a number of thousands of digits; send it shorter",
}
CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_often",
    431: "too_large",
    503: "unavailable",
}


def problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> JSONResponse:
    """Return an answer that tells what is wrong."""
    request_id = getattr(request.state, "request_id", "")
    told = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
        request_id=request_id,
        **more,
    )
    # Also in the header, which what answers a fault of ours does not pass on its way out.
    named = {**(headers or {}), "X-Request-Id": request_id}
    return JSONResponse(told.model_dump(mode="json"), status, named, media_type=MEDIA_TYPE)


def answer_problems(app: FastAPI) -> None:
    """Have an app answer each kind of error in this shape."""
    app.add_exception_handler(ServiceError, of_service)
    app.add_exception_handler(FairleadError, _of_user)
    app.add_exception_handler(RequestValidationError, _of_shape)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(OSError, _of_disk)
    app.add_exception_handler(Exception, _of_ours)


def of_service(request: Request, error: Exception) -> JSONResponse:
    """Return the answer of an error of the service's."""
    assert isinstance(error, ServiceError)  # noqa: S101  what it is registered for
    if error.status >= 500:
        LOG.warning("answered %d: %s", error.status, error)
    breaches = list(error.breaches) if isinstance(error, BreachError) else []
    return problem(
        request, error.status, error.code, str(error), headers=error.headers, breaches=breaches
    )


def _of_user(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, InputError):
        issues = issue_records(error.issues, SHOWN)
        return problem(request, 422, "input", error.message, issues=issues)
    if isinstance(error, PolicyError):
        faults = list(error.faults[:SHOWN])
        return problem(request, 422, "policy", f"{error.source} cannot be used", faults=faults)
    code = "no_plan" if isinstance(error, NoPlanError) else "invalid"
    return problem(request, 422, code, str(error))


def _of_shape(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  what it is registered for
    route = request.scope.get("route")
    faults = [fault_told(fault, error.body, route) for fault in error.errors()[:SHOWN]]
    detail = "the request does not have the form that /openapi.json tells"
    return problem(request, 422, "invalid", detail, faults=faults)


def of_http(request: Request, error: Exception) -> JSONResponse:
    """Return the answer of an error of the framework's."""
    assert isinstance(error, HTTPException)  # noqa: S101  what it is registered for
    code = CODES.get(error.status_code, "http")
    detail = _UNREADABLE.get(type(error.__cause__)) or str(error.detail)
    headers: Mapping[str, str] | None = error.headers
    if error.status_code == 404:
        detail = "there is nothing at this address; /openapi.json tells all that there are"
    elif error.status_code == 405:
        # The framework names those of the first route only, and in no order.
        route = request.scope.get("route")
        named = (headers or {}).get("Allow", "").split(", ")
        methods = methods_of(route) if isinstance(route, APIRoute) else sorted(named)
        headers = {"Allow": ", ".join(methods)}
        detail = f"this address does not take {request.method}; it takes {headers['Allow']}"
    return problem(request, error.status_code, code, detail, headers=headers)


def _of_disk(request: Request, error: Exception) -> JSONResponse:
    told = refusal_of(error)
    return _of_ours(request, error) if told is None else of_service(request, told)


def _of_ours(request: Request, error: Exception) -> JSONResponse:
    LOG.error("a request failed", exc_info=error)
    detail = "this is a fault of ours; the server's log has the details under the request's id"
    return problem(request, 500, "internal", detail)
