"""A progress bar in notebooks and terminals while something is downloaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IDCBrowserLib.task import Progress, Task


@contextmanager
def progress_of(task: Task | None) -> Iterator[Task]:
    """The caller's task, which tells its progress itself; else one that shows a bar where a person looks."""
    if task is not None or not _is_watched():
        yield task or Task()
        return
    # It comes with idc-index.
    from tqdm.auto import tqdm

    with tqdm(unit="B", unit_scale=True, unit_divisor=1000, leave=False) as bar:

        def show(progress: Progress) -> None:
            bar.set_description(progress.step, refresh=False)
            bar.unit = progress.unit or "B"
            bar.total = progress.total
            bar.n = progress.done
            bar.refresh()

        yield Task(show)


def _is_watched() -> bool:
    """In a notebook (its kernel has a display), or on a terminal."""
    shell: Any = sys.modules.get("IPython")
    in_notebook = shell is not None and type(shell.get_ipython()).__name__ == "ZMQInteractiveShell"
    return in_notebook or (sys.stderr is not None and sys.stderr.isatty())
