"""What a service answers instead of what was asked, as errors.

ApiError                   any other status
+-- NotKnownError          401   the key is none, revoked or expired
+-- NotAllowedError        403   the key may not do this
+-- MissingError           404   there is none, or it is another team's
+-- ConflictingError       409   it contradicts what is stored
+-- ChangedError           412   it was changed since it was read
+-- RefusedError           422   the request makes no sense; all faults are told
+-- NotNowError            429, 503, and no answer at all: it may succeed later
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from pydantic import ValidationError

from api.schemas.common import Problem
from models.errors import FairleadError

if TYPE_CHECKING:
    from httpx2 import Response

SHOWN = 20


class ApiError(FairleadError):
    """The service did not do what was asked.

    Attributes
    ----------
    problem : what it told; `code` of it is what programs compare
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    @property
    def code(self) -> str:
        """What programs compare; it never changes."""
        return self.problem.code

    def __str__(self) -> str:
        problem = self.problem
        places = [
            f"{issue.get('table')} {issue.get('line') or ''} {issue.get('column')}: "
            f"got {issue.get('got')!r}, allowed {issue.get('allowed')}. {issue.get('fix')}"
            for issue in problem.issues
        ]
        faults = [*problem.faults, *places]
        more = [f"... and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        title = f"{problem.status} {problem.code}: {problem.detail}"
        return "\n  ".join([title, *faults[:SHOWN], *more])


class NotKnownError(ApiError):
    """The key is none, revoked or expired."""


class NotAllowedError(ApiError):
    """The key may not do this."""


class MissingError(ApiError):
    """There is none, or it is another team's."""


class ConflictingError(ApiError):
    """The request contradicts what is stored."""


class ChangedError(ApiError):
    """The thing was changed since it was read."""


class RefusedError(ApiError):
    """The request makes no sense."""


class NotNowError(ApiError):
    """There is too much to do, or no answer at all; the same request may succeed later."""


KINDS: dict[int, type[ApiError]] = {
    401: NotKnownError,
    403: NotAllowedError,
    404: MissingError,
    409: ConflictingError,
    412: ChangedError,
    422: RefusedError,
    429: NotNowError,
    503: NotNowError,
}


def error_of(response: Response) -> ApiError:
    """Return the error that an answer stands for, whoever gave it."""
    status = response.status_code
    try:
        problem = Problem.model_validate_json(response.content)
    except ValidationError:
        # A proxy between us and the service has a form of its own.
        title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "unknown"
        detail = f"{response.request.url} answered {response.text[:200]!r}"
        problem = Problem(title=title, status=status, detail=detail, code="http")
    return KINDS.get(status, ApiError)(problem)


def no_answer(url: str, error: Exception) -> NotNowError:
    """Return the error that stands for no answer."""
    detail = f"{url} does not answer: {str(error) or type(error).__name__}"
    return NotNowError(Problem(title="No answer", status=503, detail=detail, code="no_answer"))
