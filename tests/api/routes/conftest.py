"""What tests of routes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from models.files.plan_files import read_plan
from tests.api.company import add_company, add_plan_of, add_rules
from tests.api.routes.trust import Clock, trusting_service
from tests.api.services.access.issuer import Issuer, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.services.service import Service
    from models.plan import Plan


@pytest.fixture(params=["RS256"])
def issuer(request: pytest.FixtureRequest) -> Iterator[Issuer]:
    """Give an identity provider that answers on this machine."""
    with running(request.param) as running_one:
        yield running_one


@pytest.fixture
def clock() -> Clock:
    """Return a clock that only the test moves on."""
    return Clock()


@pytest.fixture
def trusting(service: Service, issuer: Issuer, clock: Clock) -> Service:
    """Return an installation that trusts the provider."""
    return trusting_service(service, issuer, clock)


@pytest.fixture
def plan_id(service: Service) -> str:
    """Return a plan that the service has."""
    return add_plan_of(service, add_company(service), add_rules(service))


@pytest.fixture
def plan(service: Service, plan_id: str) -> Plan:
    """Return the same plan as files have it."""
    return read_plan(service.copies.directory(plan_id))
