"""Items on the workers of a Dask cluster: ``local:N``, ``slurm``, or the address of a scheduler. Needs the extra ``cluster``.

A task is an item as JSON and its answer a few names; what is made lies in the folder of the batch, which all workers have to see. A worker
runs the item in a child process of its own, as on one machine. What a worker that died had finished is found there by the next (``receipt``).
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from IDCBrowserLib.batch.pool import Limits, LocalPool
from IDCBrowserLib.batch.settings import Settings
from IDCBrowserLib.errors import InputError, TransferError

# Of a worker that has one thread: the next item is there when it has done one.
_ITEMS_PER_THREAD = 2
_CONNECT_S = 30.0
_LOOK_S = 0.5
_DEFAULT_WORKERS = 10
_FORMS = "Give the address of a Dask scheduler (tcp://HOST:8786), slurm, or local:N."
_EXTRA = "Running on a cluster needs an extra: pip install 'idc-browser[cluster]'."

# In the process of a worker: its pool, for the batch it works on.
_pools: dict[str, LocalPool] = {}
_one_at_a_time = threading.Lock()


def run_item(settings: str, request: Mapping[str, Any], limits: Mapping[str, Any]) -> tuple[int, dict[str, Any] | None, str]:
    """What a worker does: number of the item, answer, and without an answer the reason."""
    with _one_at_a_time:
        pool = _pools.get(settings)
        if pool is None:
            for other in _pools.values():
                other.close()
            _pools.clear()
            pool = _pools[settings] = LocalPool(Settings.from_json(json.loads(settings)), 1, Limits(**limits))
        pool.submit(request)
        while True:
            for result in pool.results(_LOOK_S):
                return result
            pool.watch()


def _module(name: str) -> Any:
    """Of the extra; its types are too partial to be checked against."""
    return import_module(name)


class ClusterPool:
    """A ``Pool``. ``jobs``: how many workers to ask ``slurm`` for. Raises ``InputError`` without the extra or for an address of no scheduler."""

    def __init__(self, settings: Settings, address: str, jobs: int | None, limits: Limits) -> None:
        self._settings = json.dumps(settings.to_json(), sort_keys=True)
        self._limits = asdict(limits)
        self._ended: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._running: dict[int, Any] = {}
        self._threads = 1
        self._address = address
        self._closing = contextlib.ExitStack()
        try:
            distributed = _module("distributed")
        except ImportError as error:
            raise InputError(_EXTRA) from error
        try:
            self._client: Any = self._closing.enter_context(
                distributed.Client(self._cluster(address, jobs), timeout=_CONNECT_S, set_as_default=False)
            )
        except (OSError, TimeoutError, ValueError) as error:
            self._closing.close()
            raise InputError(f"--cluster {address!r}: no cluster can be used there ({error}). {_FORMS}") from error

    def _cluster(self, address: str, jobs: int | None) -> Any:
        kind, colon, number = address.partition(":")
        if kind == "local" and colon:
            if not number.isdecimal() or not 1 <= int(number) <= 256:
                raise InputError(f"--cluster {address!r}: {_FORMS}")
            cluster = _module("distributed").LocalCluster(
                n_workers=int(number), threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
            )
            return self._closing.enter_context(cluster)
        if address == "slurm":
            return self._slurm(jobs or _DEFAULT_WORKERS)
        if "://" not in address:
            raise InputError(f"--cluster {address!r}: {_FORMS}")
        return address

    def _slurm(self, workers: int) -> Any:
        try:
            dask, jobqueue = _module("dask"), _module("dask_jobqueue")
        except ImportError as error:
            raise InputError(_EXTRA) from error
        # Queue, account, memory and time are those of the user's ~/.config/dask/jobqueue.yaml.
        cores = dask.config.get("jobqueue.slurm.cores", None) or 1
        memory = dask.config.get("jobqueue.slurm.memory", None) or "4GB"
        cluster = self._closing.enter_context(jobqueue.SLURMCluster(cores=cores, processes=cores, memory=memory))
        cluster.scale(jobs=workers)
        return cluster

    def free(self) -> int:
        """See ``Pool``."""
        if not self._running or len(self._running) >= self._threads * _ITEMS_PER_THREAD:
            # Workers come and go.
            with self._asked_of_scheduler():
                self._threads = max(1, sum(self._client.nthreads().values()))
        return max(0, self._threads * _ITEMS_PER_THREAD - len(self._running))

    def submit(self, request: Mapping[str, Any]) -> None:
        """See ``Pool``."""
        with self._asked_of_scheduler():
            future = self._client.submit(run_item, self._settings, dict(request), self._limits, pure=False)
        number = int(request["number"])
        self._running[number] = future
        future.add_done_callback(lambda ended: self._ended.put((number, ended)))

    def results(self, timeout_s: float) -> list[tuple[int, dict[str, Any] | None, str]]:
        """See ``Pool``. Raises ``TransferError`` when the scheduler is gone."""
        found = []
        with contextlib.suppress(queue.Empty):
            number, future = self._ended.get(timeout=timeout_s)
            while True:
                self._running.pop(number, None)
                found.append(self._outcome(number, future))
                number, future = self._ended.get_nowait()
        if not found and self._client.status not in ("running", "connecting", "newly-created"):
            raise self._gone()
        return found

    def _outcome(self, number: int, future: Any) -> tuple[int, dict[str, Any] | None, str]:
        if future.status == "finished":
            try:
                result: tuple[int, dict[str, Any] | None, str] = future.result(timeout=_CONNECT_S)
                return result
            except Exception as error:  # what a cluster runs into while it hands over a few names is told, and the item is done again
                return number, None, f"its result was lost ({type(error).__name__})"
        if future.status in ("cancelled", "lost"):
            raise self._gone()
        with self._asked_of_scheduler():
            return number, None, f"the worker that had it ended ({type(future.exception(timeout=_CONNECT_S)).__name__})"

    @contextlib.contextmanager
    def _asked_of_scheduler(self) -> Iterator[None]:
        """Whatever the client raises when its scheduler has gone (OSError, TimeoutError, RuntimeError, ...) means just that."""
        try:
            yield
        except Exception as error:
            raise self._gone() from error

    def _gone(self) -> TransferError:
        return TransferError(
            f"The scheduler of the cluster {self._address} does not answer any more. What is done is kept; start the same command again to go on."
        )

    def watch(self) -> None:
        """See ``Pool``: the workers watch their children."""

    def close(self) -> None:
        """See ``Pool``."""
        with contextlib.suppress(Exception):
            self._client.cancel(list(self._running.values()), force=True)
        with contextlib.suppress(Exception):
            self._closing.close()
