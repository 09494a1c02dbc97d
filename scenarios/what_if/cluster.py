"""Runs the scenarios of `run_many` on a cluster, and hears of each of them also if it is lost."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client
    from distributed import Future as Remote


class ClusterExecutor(Executor):
    """An executor on a client of dask.distributed.

    The one of `Client.get_executor` never ends the future of a result that is lost on its way, so
    whoever waits for it when a scheduler ends would wait for ever.

    Parameters
    ----------
    client : stays the caller's, who closes it
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        # What nobody holds is forgotten by the cluster.
        self._held: set[Remote[Any]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a function called by a worker; what it returns or raises is the future's."""
        told: Future[Any] = Future()
        remote = self._client.submit(fn, *args, **kwargs)
        self._held.add(remote)

        def pass_on(ended: Remote[Any]) -> None:
            try:
                told.set_result(ended.result())
            except Exception as error:
                told.set_exception(error)
            finally:
                self._held.discard(ended)

        remote.add_done_callback(pass_on)
        return told
