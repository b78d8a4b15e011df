"""What holds Slicer's window up: turns of the event loop, and where the main thread was in those that took long."""

import faulthandler
import os
import re
import tempfile
import time

import slicer

# Whose frames say nothing.
_LOOP = ("turns.py", "slicer_person.py")
_DEPTH = 6
_FRAME = re.compile(r'  File "([^"]+)", line (\d+) in (\S+)')


class Turns:
    """``take`` is one turn. Those over ``limit`` seconds of the processor are in ``blocks``: seconds by the clock, of the processor in the main
    thread and in all of them (software that draws has its own), and the stacks of the main thread, innermost frame first, one each ``limit``
    seconds. The interpreter's own watchdog writes them, which needs no turn of its own.
    """

    def __init__(self, limit):
        self._limit = limit
        # As long as this object.
        self._file = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.blocks = []
        self.longest = 0.0

    def take(self):
        begin = (time.monotonic(), time.thread_time(), time.process_time())
        if self._limit:
            faulthandler.dump_traceback_later(self._limit, repeat=True, file=self._file)
        slicer.app.processEvents()
        if self._limit:
            faulthandler.cancel_dump_traceback_later()
        end = (time.monotonic(), time.thread_time(), time.process_time())
        seconds = [after - before for after, before in zip(end, begin, strict=True)]
        self.longest = max(self.longest, seconds[0])
        if self._limit and seconds[2] > self._limit:
            self.blocks.append((seconds, self._stacks()))

    def _stacks(self):
        self._file.seek(0)
        text = self._file.read()
        self._file.seek(0)
        self._file.truncate()
        stacks = []
        for sample in text.split("Timeout (")[1:]:
            # The main thread is the last one that is written.
            frames = _FRAME.findall(sample.rpartition("Thread ")[2])
            stacks.append([f"{os.path.basename(path)}:{line} {name}" for path, line, name in frames if not path.endswith(_LOOP)])
        return stacks

    def told(self):
        """A line for each block: how long, and the frames below the event loop; "Slicer" where no function of Python runs."""
        lines = []
        for (seconds, own, processor), stacks in self.blocks:
            places = [" < ".join(stack[:_DEPTH]) or "Slicer" for stack in stacks]
            lines.append(f"{seconds:.2f} s ({own:.2f} s of the processor, with all threads {processor:.2f} s): " + " | ".join(dict.fromkeys(places)))
        return lines
