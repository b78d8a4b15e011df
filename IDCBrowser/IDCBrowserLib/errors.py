"""Every error this library raises on purpose. Each message says what happened, to which thing, and what to do.

::

    IDCBrowserError
    ├── InputError            the command line, a file or a value given by the user is wrong
    │   └── ConversionError   a SEG, RTSTRUCT or image cannot become voxels
    │       ├── PhasesError       images at the same places several times, where one volume was wanted
    │       ├── NotDicomError     a file that is not a DICOM object
    │       └── DamagedError      a DICOM file that is cut off or damaged
    ├── NotFoundError         an identifier, file or folder that was asked for does not exist
    ├── CatalogError          the index files are missing, damaged or of another shape
    ├── TransferError         the network, a bucket or s5cmd did not do what was asked
    ├── StoreError            the DICOM database cannot be opened, read or written
    ├── StorageError          no room or no permission on the disk
    ├── IncompleteError       some items failed; the rest is done and listed
    ├── EngineError           the engine process died or answered nonsense
    └── CancelledError        the user asked for it

Errors of other libraries are mapped where they enter (``raise ... from``). ``exit_code`` is what the command line ends with.
"""

from __future__ import annotations


class IDCBrowserError(Exception):
    """The root. ``str(error)`` is one readable line (or a few) for the user.

    ``reason`` completes "left out: " in lists that name the file themselves; the whole message where there is none. ``command`` puts it right on the
    command line, which says it there; windows have buttons for that.
    """

    exit_code = 2

    def __init__(self, message: str = "", reason: str = "", command: str = "") -> None:
        super().__init__(message)
        self.reason = reason or message
        self.command = command


class InputError(IDCBrowserError):
    """Something the user gave is wrong."""


class ConversionError(InputError):
    """A DICOM object cannot be converted; names the file, the element and the reason."""


class PhasesError(ConversionError):
    """A series is several volumes on one grid: times, echoes, passes."""


class NotDicomError(ConversionError):
    """A file is not a DICOM object."""


class DamagedError(ConversionError):
    """A DICOM file is cut off or damaged."""


class NotFoundError(IDCBrowserError):
    """What was asked for does not exist."""

    exit_code = 3


class CatalogError(IDCBrowserError):
    """An index file is missing, damaged or of an unknown shape."""

    exit_code = 3


class IncompleteError(IDCBrowserError):
    """Some items failed; the rest is done."""

    exit_code = 4


class TransferError(IncompleteError):
    """A transfer failed for a reason outside this machine's disk."""


class StoreError(IDCBrowserError):
    """The DICOM database cannot be used."""

    exit_code = 5


class StorageError(IDCBrowserError):
    """No room or no permission."""

    exit_code = 5


class EngineError(IDCBrowserError):
    """The engine process died or answered something that is not its protocol."""

    exit_code = 4


class CancelledError(IDCBrowserError):
    """The user canceled."""

    exit_code = 130

    def __init__(self, message: str = "Canceled.") -> None:
        super().__init__(message)


_BY_NAME: dict[str, type[IDCBrowserError]] = {
    kind.__name__: kind
    for kind in (
        IDCBrowserError,
        InputError,
        ConversionError,
        PhasesError,
        NotDicomError,
        DamagedError,
        NotFoundError,
        CatalogError,
        IncompleteError,
        TransferError,
        StoreError,
        StorageError,
        EngineError,
        CancelledError,
    )
}


def name_of(error: IDCBrowserError) -> str:
    """The class name under which a process of ours reports it: the nearest one that the other side knows."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__name__ in _BY_NAME)


def error_from_name(name: str, message: str) -> IDCBrowserError:
    """The error a process of ours reported by class name; an unknown name becomes an ``EngineError``."""
    return _BY_NAME.get(name, EngineError)(message)
