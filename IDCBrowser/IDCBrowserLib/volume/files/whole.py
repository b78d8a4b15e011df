"""Binary files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from IDCBrowserLib.errors import StorageError


@contextmanager
def whole_binary_file(path: Path) -> Iterator[IO[bytes]]:
    """A temporary file beside ``path`` that takes its name at the end; removed on any error. Raises ``StorageError``."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(temporary, "wb") as file:
            yield file
        os.replace(temporary, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}. Choose another folder or free some disk space.") from error
    finally:
        temporary.unlink(missing_ok=True)
