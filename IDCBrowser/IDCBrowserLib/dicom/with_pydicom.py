"""Reading with pydicom, which this program uses for the pixels of images.

Nothing of the process is changed for others: warnings are silenced only while pydicom works, and its settings are left as they are.
"""

from __future__ import annotations

import contextlib
import io
import logging
import threading
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from IDCBrowserLib.dicom.codestream import size_problem
from IDCBrowserLib.dicom.decoding_process import Form
from IDCBrowserLib.dicom.dicom_file import inflate_header
from IDCBrowserLib.dicom.header_size import check_header_size
from IDCBrowserLib.dicom.inflate import MOST_BYTES, Inflater, inflate_frame
from IDCBrowserLib.dicom.isolated import MOST_FRAME_BYTES, Allowance, decode_frame
from IDCBrowserLib.dicom.meta import find_data_set
from IDCBrowserLib.dicom.odd_colors import odd_colors
from IDCBrowserLib.dicom.packed_frames import packed_frames
from IDCBrowserLib.dicom.pixel_size import PixelSize
from IDCBrowserLib.dicom.problems import damaged
from IDCBrowserLib.dicom.regular_file import open_regular, unreadable
from IDCBrowserLib.dicom.stream import Stream
from IDCBrowserLib.dicom.transfer_syntax import COMPRESSED, DEFLATED, DEFLATED_FRAMES, EXPLICIT_LITTLE, NATIVE, RLE
from IDCBrowserLib.errors import ConversionError, IDCBrowserError
from IDCBrowserLib.wording import human_size

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset, FileDataset

    from IDCBrowserLib.task import Task

# It is in memory twice for a moment: the file, and the pixels that pydicom takes out of it.
_MOST_INFLATED = MOST_BYTES // 2
# Pydicom itself decodes them, a second for each megabyte at most; asking a process takes longer than that for most.
_RLE_HERE = 1 << 20
# File meta information is some hundred bytes.
_META = 16 << 10


class _Quiet:
    """Several threads may be within; the first one in keeps filters and log level, and the last one out puts them back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._silence = contextlib.ExitStack()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if not self._users:
                self._silence.enter_context(_silence())
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._silence.close()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    logger = logging.getLogger("pydicom")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)


quietly = _Quiet()
"""``with quietly():`` around everything that pydicom does, which warns of each file that breaks the letter of the standard."""


def read_dataset(path: str) -> FileDataset:
    """A whole file. Raises ``NotDicomError``, ``DamagedError``, ``NotFoundError``, ``StorageError``."""
    try:
        with open_regular(path) as file:
            return parse_dataset(file, path)
    except OSError as error:
        raise unreadable(path, error) from error


def parse_dataset(file: BinaryIO | io.FileIO, path: str, stop_before_pixels: bool = False) -> FileDataset:
    """An open file, from its beginning; or the first bytes of one, as far as they go. ``path`` is for messages. Raises ``DamagedError``.

    What is deflated comes as explicit little endian, and is inflated no further than its header promises.
    """
    import pydicom

    head = file.read(_META)
    source = _inflated(file, head, path, stop_before_pixels) if is_deflated_file(head) else file
    check_header_size(path, source)
    source.seek(0)
    with quietly():
        try:
            return pydicom.dcmread(source, stop_before_pixels=stop_before_pixels, force=True)
        except OSError:
            raise
        except RecursionError as error:
            raise damaged(path, "its sequences are nested too deep to be read") from error
        # pydicom raises whatever its parsing runs into (struct.error, KeyError, NotImplementedError...) on damaged files.
        except Exception as error:
            raise damaged(path, f"it cannot be parsed ({type(error).__name__})") from error


@contextlib.contextmanager
def problems_named(path: str) -> Iterator[None]:
    """Whatever pydicom runs into on a damaged data set, whose values it converts when they are asked for, becomes a ``DamagedError`` of the file."""
    try:
        yield
    except (IDCBrowserError, MemoryError):
        raise
    except Exception as error:
        raise damaged(path, f"its values make no sense ({type(error).__name__}: {str(error)[:200]})") from error


def frame_pixels(dataset: Dataset, index: int, raw: bool = False, task: Task | None = None) -> NDArray[Any]:
    """Frame ``index``, from 0, as pydicom decodes it; ``raw`` leaves colors as they are stored. Raises whatever decoders raise.

    What libraries in C decode is decoded in a process apart; ``CancelledError`` soon after ``task`` is canceled.
    """
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.pixels.utils import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax in NATIVE:
        odd_colors(dataset)
        return pixel_array(dataset, index=index, raw=raw)
    if syntax != DEFLATED_FRAMES:
        get_decoder(syntax)  # raises NotImplementedError
    packed = packed_frames(dataset)
    return _decoded(dataset, _options_of(dataset), packed.code(index), raw, task, allowance=packed.allowance)


class FrameDecoder:
    """Frames whose bytes were found already, as ``frame_pixels`` shows them; ``header`` is the data set without its pixels."""

    def __init__(self, header: Dataset) -> None:
        self._header = header
        self._options: dict[str, Any] = {}
        self._allowance = Allowance()

    def decode(self, code: bytes, task: Task | None = None, halvings: int = 0) -> NDArray[Any]:
        """Raises whatever decoders raise. See ``Decoders.decode``; the first call is to return before there are others."""
        from pydicom.pixels.utils import pixel_array

        syntax = self._header.file_meta.TransferSyntaxUID
        if syntax in NATIVE:
            return pixel_array(_alone(self._header, code, syntax), index=0)
        # Once for all frames: pydicom converts its values at each question.
        self._options = self._options or _options_of(self._header)
        return _decoded(self._header, self._options, code, False, task, halvings, self._allowance)


def _options_of(header: Dataset) -> dict[str, Any]:
    from pydicom.pixels.utils import as_pixel_options

    options = {**as_pixel_options(header, number_of_frames=1), "pixel_keyword": "PixelData"}
    options.pop("extended_offsets", None)
    return options


def _decoded(
    header: Dataset,
    options: Mapping[str, Any],
    code: bytes,
    raw: bool,
    task: Task | None,
    halvings: int = 0,
    allowance: Allowance | None = None,
) -> NDArray[Any]:
    from pydicom.encaps import encapsulate
    from pydicom.pixels.utils import pixel_array

    syntax = header.file_meta.TransferSyntaxUID
    size = _check_frame(syntax, code, options)
    if syntax == DEFLATED_FRAMES:
        return pixel_array(_alone(header, inflate_frame(code, size.stored_bytes), EXPLICIT_LITTLE), index=0, raw=raw)
    if syntax == RLE and len(code) <= _RLE_HERE:
        return pixel_array(_alone(header, encapsulate([code]), syntax), index=0, raw=raw)
    return decode_frame(syntax, code, options, Form.STORED if raw else Form.SHOWN, task, halvings, allowance)


def _check_frame(syntax: str, code: bytes, options: Mapping[str, Any]) -> PixelSize:
    """How large one frame is by the header; raises ``ValueError`` where the compressed one says otherwise."""
    rows, columns, samples, bits = (int(options[name]) for name in ("rows", "columns", "samples_per_pixel", "bits_allocated"))
    problem = size_problem(syntax, code, rows, columns, samples * bits) if syntax in COMPRESSED else ""
    if problem:
        raise ValueError(f"the compressed frame {problem}")
    size = PixelSize(rows, columns, 1, samples, bits)
    if size.stored_bytes > MOST_FRAME_BYTES:
        raise ValueError(f"a compressed frame of {human_size(size.stored_bytes)} is too large")
    return size


def _alone(header: Dataset, code: bytes, syntax: str) -> Dataset:
    """The pixel module with one frame."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID

    native = header.group_dataset(0x0028)
    native.NumberOfFrames = 1
    native.PixelData = code + b"\0" * (len(code) % 2)
    native.file_meta = FileMetaDataset()
    native.file_meta.TransferSyntaxUID = UID(EXPLICIT_LITTLE if syntax == DEFLATED else syntax)
    return native


def is_deflated_file(head: bytes) -> bool:
    """Whether the file that begins with these bytes is deflated as a whole."""
    try:
        return DEFLATED.encode() in head[:_META] and find_data_set(Stream("", head)).transfer_syntax == DEFLATED
    except ConversionError:
        return False


def _inflated(file: BinaryIO | io.FileIO, head: bytes, path: str, stop_before_pixels: bool) -> io.BytesIO:
    """The file as it would be without being deflated, as far as it is wanted."""
    size = file.seek(0, io.SEEK_END)
    start = find_data_set(Stream(path, head))
    file.seek(start.position)
    inflater = Inflater(path, file, size, _MOST_INFLATED)
    header = inflate_header(path, start, size, inflater)
    whole = io.BytesIO()
    # The same length, so that the length of the group stays right.
    whole.write(head[: start.position].replace(DEFLATED.encode(), EXPLICIT_LITTLE.encode().ljust(len(DEFLATED), b"\0"), 1))
    if stop_before_pixels and header.pixels is not None:
        whole.write(inflater.done[: header.pixels.start])
    else:
        whole.writelines(inflater.pieces())
    return whole
