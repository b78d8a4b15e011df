"""The process that decodes frames for ``isolated``: ``python -m IDCBrowserLib.dicom.decoding_process``.

It reads ``length of both, a JSON object, the compressed frame`` from standard input and answers ``length, ok, processor time, content`` on standard
output: the frame as a ``.npy``, or why it cannot be decoded, until its input ends.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import sys
import time
import warnings
from enum import Enum
from typing import TYPE_CHECKING, Any, BinaryIO

from IDCBrowserLib.dicom.pillow_frames import color_frame
from IDCBrowserLib.dicom.reasons import reason_of
from IDCBrowserLib.dicom.transfer_syntax import JPEG_2000

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Of processor time, for libraries that the first frame imports.
_IMPORTING_S = 3.0
REQUEST = struct.Struct("<QQ")
ANSWER = struct.Struct("<Q?d")


class Form(str, Enum):
    """What is wanted of a frame: values as they are stored, colors as they are shown (RGB), or the labels or bits of a segmentation."""

    STORED = "stored"
    SHOWN = "shown"
    MASK = "mask"


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer each request in turn."""
    importing = _IMPORTING_S
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        header, code = (requests.read(length) for length in REQUEST.unpack(head))
        began = time.process_time()
        request = json.loads(header)
        request["seconds"] += importing
        ok, answer = _answer(request, code)
        seconds = max(0.0, time.process_time() - began - importing)
        answers.write(ANSWER.pack(len(answer), ok, seconds) + answer)
        answers.flush()
        importing = 0.0


def _answer(request: dict[str, Any], code: bytes) -> tuple[bool, bytes]:
    import numpy as np

    try:
        _limit(request["memory"], request["seconds"])
        values = _decode(request, code)
    # The seam to libraries that raise RuntimeError, ValueError, AttributeError, their own kinds...
    except Exception as error:
        kind, reason = type(error).__name__, reason_of(error)
        return False, (kind if reason == kind else f"{kind}: {reason}").encode()
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return True, file.getvalue()


def _decode(request: dict[str, Any], code: bytes) -> NDArray[Any]:
    usual = color_frame(request["syntax"], code, request["options"], request["halvings"]) if request["form"] == Form.SHOWN else None
    return _with_pydicom(request, code) if usual is None else usual


def _with_pydicom(request: dict[str, Any], code: bytes) -> NDArray[Any]:
    # Only now: importing it takes as long as decoding a hundred tiles.
    import numpy as np
    from pydicom.encaps import encapsulate
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    form = request["form"]
    if form == Form.MASK and request["syntax"] in JPEG_2000:
        # pydicom refuses frames of one bit.
        from openjpeg.utils import decode

        return np.asarray(decode(code))
    decoder = get_decoder(UID(request["syntax"]))
    plugins = sorted(decoder.available_plugins, key="gdcm".__eq__)
    plugin = plugins[0] if plugins and form == Form.MASK else ""
    return decoder.as_array(encapsulate([code]), index=0, raw=form == Form.STORED, decoding_plugin=plugin, **request["options"])[0]


def _limit(size: int, seconds: float) -> None:
    with contextlib.suppress(ImportError):
        import resource

        # One by one: a system that refuses the first still has the second.
        for limit, value in ((resource.RLIMIT_AS, size), (resource.RLIMIT_CPU, int(time.process_time() + seconds) + 1)):
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))


if __name__ == "__main__":
    # Only answers may reach the pipe: what a library prints goes to standard error.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    serve(sys.stdin.buffer, pipe)
