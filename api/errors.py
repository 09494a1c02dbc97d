"""The errors that the service answers with, in one tree: each has a stable code and a status.

ServiceError                500 internal
+-- UnauthenticatedError    401 unauthenticated     nobody is logged in, or the key is unknown
+-- ForbiddenError          403 forbidden           the role has not the right
+-- NotFoundError           404 not_found           there is none, or it is another team's
+-- NotAcceptableError      406 not_acceptable      there is no such form of it
+-- ConflictError           409 conflict            it contradicts what is stored
|   +-- IllegalStepError    409 illegal_step        the status does not allow the step
|   +-- BreachError         409 breaks_rules        what is published would break rules that hold
|   +-- LeavesOutError      409 drops_leads         most leads would be gone, and nobody said so
|   +-- OtherCompanyError   409 other_company       tables seem to be another company's
|   +-- WithdrawnError      409 withdrawn           tables that nothing may go by any more
|   +-- KeyReusedError      409 key_reused          the idempotency key had another request
|   +-- LeaseLostError      409 lease_lost          another worker has the run
+-- StaleError              412 stale               it was changed since it was read
+-- InvalidRequestError     422 invalid             the request makes no sense
+-- StoreError              500 store               the database is none that this version can use
+-- TooLargeError           413 too_large           it is larger than this installation allows
+-- QuotaError              429 quota               the caller asks for too much at a time
|   +-- TooOftenError       429 too_often           the caller asks too often
+-- NeedsMatchError         428 needs_match         say which version you have read: If-Match
+-- UnavailableError        503 unavailable         the database does not answer; try again
|   +-- BusyError           503 busy                too much to do now; try again
|   +-- ReadOnlyError       503 read_only           database or directory cannot be written now
+-- DiskFullError           507 disk_full           there is no room to keep it
"""

from __future__ import annotations

from typing import Any, ClassVar

from models.errors import FairleadError


class ServiceError(FairleadError):
    """Base of the service's errors.

    Attributes
    ----------
    code : what programs compare; it never changes
    status : of the HTTP answer
    retry_seconds : when the same request may succeed; None if it will not by waiting
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry_seconds: int | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What the HTTP answer tells besides its body."""
        headers = {}
        if self.retry_seconds is not None:
            headers["Retry-After"] = str(self.retry_seconds)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


class UnauthenticatedError(ServiceError):
    """The request does not say who asks, or not so that it can be believed."""

    code = "unauthenticated"
    status = 401


class ForbiddenError(ServiceError):
    """Who asks is known, but their role has not the right."""

    code = "forbidden"
    status = 403


class NotFoundError(ServiceError):
    """There is no such thing, or it belongs to another team."""

    code = "not_found"
    status = 404


class NotAcceptableError(ServiceError):
    """The thing is not given in any form that the caller takes."""

    code = "not_acceptable"
    status = 406


class ConflictError(ServiceError):
    """The request contradicts what is stored."""

    code = "conflict"
    status = 409


class IllegalStepError(ConflictError):
    """The status of a run or a publication does not allow the step."""

    code = "illegal_step"


class BreachError(ConflictError):
    """What is published would, with all that stays, break rules that hold today.

    Attributes
    ----------
    breaches : each of them, as the answer tells it
    """

    code = "breaks_rules"

    def __init__(self, message: str, breaches: tuple[dict[str, Any], ...]) -> None:
        super().__init__(message)
        self.breaches = breaches


class LeavesOutError(ConflictError):
    """Most leads of the current publication would be gone, and that was not said to be meant."""

    code = "drops_leads"


class OtherCompanyError(ConflictError):
    """Tables seem to be of another company than the newest, and that was not said to be meant."""

    code = "other_company"


class WithdrawnError(ConflictError):
    """Tables, or what was made from them, are withdrawn: nothing may go by them any more."""

    code = "withdrawn"


class KeyReusedError(ConflictError):
    """An idempotency key came again with another request."""

    code = "key_reused"


class LeaseLostError(ConflictError):
    """A worker wrote to a run that is no longer its own; it must end its work."""

    code = "lease_lost"


class StaleError(ServiceError):
    """The thing was changed since it was read."""

    code = "stale"
    status = 412


class InvalidRequestError(ServiceError):
    """The request was understood and makes no sense."""

    code = "invalid"
    status = 422


class StoreError(ServiceError):
    """The database is none that this version can use."""

    code = "store"


class UnavailableError(ServiceError):
    """The database does not answer now; the same request may succeed later."""

    code = "unavailable"
    status = 503
    retry_seconds = 2


class BusyError(UnavailableError):
    """There is too much to do now, or what did it was lost; the same request may succeed later."""

    code = "busy"


class ReadOnlyError(UnavailableError):
    """The database, or a directory of the server's, takes no changes; the same request may succeed
    once it does.
    """

    code = "read_only"


class TooLargeError(ServiceError):
    """The request is larger than this installation allows."""

    code = "too_large"
    status = 413


class QuotaError(ServiceError):
    """The caller asks for more at a time than this installation allows."""

    code = "quota"
    status = 429
    retry_seconds = 2


class TooOftenError(QuotaError):
    """The caller asks too often, or has shown too many wrong keys."""

    code = "too_often"

    def __init__(self, message: str, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds


class NeedsMatchError(ServiceError):
    """A change must say which version of the thing its caller has read."""

    code = "needs_match"
    status = 428


class DiskFullError(ServiceError):
    """There is no room to keep what was sent."""

    code = "disk_full"
    status = 507
