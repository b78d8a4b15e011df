"""All DICOM attributes of an object, from the head of its file: in a bucket by range requests, or on this computer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.dicom.in_parts import check_series
from IDCBrowserLib.dicom.with_pydicom import quietly
from IDCBrowserLib.errors import ConversionError, TransferError
from IDCBrowserLib.preview.heads import parse
from IDCBrowserLib.preview.objects import SeriesObject
from IDCBrowserLib.preview.remote import BucketReader
from IDCBrowserLib.selection.plan import PlannedSeries
from IDCBrowserLib.transfer.options import TransferOptions

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_FIRST = 1 << 16
# An object without pixels (SR, RTSTRUCT) is all header.
_MOST = 64 << 20
_MOST_TEXT = 2_000
_MOST_ELEMENTS = 200_000


def first_object(series: PlannedSeries, options: TransferOptions) -> SeriesObject:
    """One object of a series in its bucket, the first by name. Raises ``TransferError``."""
    return min(objects_of(series, options), key=lambda one: one.label)


def objects_of(series: PlannedSeries, options: TransferOptions) -> Sequence[SeriesObject]:
    """The objects of a series in its bucket, at most 1,000 of them. Raises ``TransferError``."""
    reasons = []
    for endpoint in options.endpoints():
        bucket = endpoint.bucket_of(series)
        if bucket:
            try:
                return BucketReader(endpoint.endpoint_url, options.network).list_series(bucket, series.crdc_series_uuid, series.series_uid)
            except TransferError as error:
                reasons.append(str(error))
    raise TransferError(" ".join(reasons) or f"No provider holds the series {series.series_uid}.")


def read_attributes(item: SeriesObject) -> tuple[Dataset, int]:
    """The data set without its pixels, and how many bytes were read. Raises ``TransferError``, ``ConversionError`` for what is not DICOM."""
    data = item.read(0, min(_FIRST, item.size))
    while True:
        whole = len(data) >= item.size
        try:
            head = parse(data, item.label)
            if head.pixels >= 0 or whole:
                check_series(item, head.series_uid)
                return head.dataset, len(data)
        except ConversionError:
            if whole:
                raise
        if len(data) >= _MOST:
            raise ConversionError(f"{item.label} has a header of more than {_MOST >> 20} MB, which is not read.")
        data += item.read(len(data), min(4 * len(data), item.size))


def rows(dataset: Dataset, everything: bool) -> Iterator[dict[str, Any]]:
    """``{"tag": "(0010,0020)", "keyword", "name", "vr", "value"}`` in the order of the file; ``keyword`` with the path of sequences before it.

    Without ``everything`` only public elements of the top level that are no sequences.
    """
    return islice(_rows(dataset, "", everything), _MOST_ELEMENTS)


def _rows(dataset: Dataset, path: str, everything: bool) -> Iterator[dict[str, Any]]:
    for tag in sorted(dataset.keys()):
        with quietly():
            try:
                element = dataset[tag]
                keyword, name, vr, value = element.keyword, element.name, str(element.VR), element.value
            except Exception:
                # A damaged element costs itself.
                keyword, name, vr, value = "", "", "UN", "(cannot be read)"
        shown = f"({tag.group:04X},{tag.element:04X})"
        label = f"{path}{keyword or shown}"
        if vr == "SQ" and not isinstance(value, str):
            if everything:
                items: Sequence[Dataset] = value or ()
                yield {"tag": shown, "keyword": label, "name": name, "vr": vr, "value": f"{len(items)} items"}
                for number, item in enumerate(items):
                    yield from _rows(item, f"{label}[{number}].", everything)
        elif everything or tag.group % 2 == 0:
            yield {"tag": shown, "keyword": label, "name": name, "vr": vr, "value": text_of(value)}


def text_of(value: Any) -> str:
    """A value as text; several with backslashes, bytes by their number, long ones cut."""
    if value is None:
        return ""
    if isinstance(value, (bytes, bytearray)):
        printable = bytes(value[:64]).rstrip(b"\0 ")
        is_text = bool(printable) and len(value) <= 64 and all(32 <= one < 127 for one in printable)
        return printable.decode("ascii") if is_text else f"{len(value)} bytes"
    if isinstance(value, (list, tuple)) or (hasattr(value, "__iter__") and not isinstance(value, str) and not hasattr(value, "components")):
        text = "\\".join(str(one) for one in value)
    else:
        text = str(value)
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "…"
