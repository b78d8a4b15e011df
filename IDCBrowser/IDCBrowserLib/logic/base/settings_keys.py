"""What the panels remember between two starts, in the host's ``Settings``.

The keys, all texts:

| key | value |
|---|---|
| ``DownloadFolder`` | the folder the user chose for downloads (``browser.DOWNLOAD_FOLDER_KEY``) |
| ``Transfer/Provider`` | "auto", "aws" or "gcs" (this and the next ones: ``settings``) |
| ``Transfer/Jobs`` | number of files that move at the same time |
| ``Transfer/Limit`` | most MB per second that may arrive; 0 for no limit |
| ``Transfer/Retries`` | how often s5cmd repeats a request that failed |
| ``Transfer/KeepFree`` | GB of the disk that downloads leave free |
| ``Transfer/Layout`` | template of the folders below the download folder; empty for the usual one (``transfer.template``) |
| ``Transfer/EndpointUrl`` | address of a mirror; empty for IDC's own buckets |
| ``Reports/Tables`` | folder or address of IDC's tables of measurements; empty for IDC's own |
| ``Network/Proxy`` | "environment", "none" or the address of a proxy |
| ``Network/CertificateFile`` | path of a file of certificates to trust; empty for the usual ones |
| ``Language`` | "en", "de"...: of the window; empty for that of the program or computer around it (``ui.language``) |
| ``Place`` | filters, the table in sight, what was selected, sorted and how far scrolled, as a JSON object (``session_restore``) |
| ``Download/Speed`` | bytes per second that downloads have reached |
| ``Splitter/<object name>`` | sizes of its parts in pixels, as a JSON list |
| ``Columns/<level>`` | columns of a table from left to right, as a JSON list of [key, width or 0 for the usual one, shown] |
| ``Browse/AllTables`` | "yes" or "no": whether all four tables are in sight, or one at a time |
| ``Browse/Filters`` | "yes" or "no": whether the filters are open |
| ``Views/Suv`` | what PET is shown as: "bw", "lbm", "bsa" or "stored" |
| ``GiveBack/<field>`` | who is said to make segmentations that are written: creator, algorithm, version, family (``giving_back.Statement``) |
| ``Preview`` | "yes" or "no": whether a picture of the selected series is looked for |
| ``Window/Size`` | width and height of the standalone window, as a JSON list |
| ``Window/Maximized`` | "yes" or "no" |

A value that cannot be read is as good as none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Protocol

from IDCBrowserLib.host_interface import Settings

PREVIEW_KEY = "Preview"
# 4096 x 4096 pixels are 50 MB as a picture.
SLIDE_KEY, SLIDE_MEGAPIXELS, MOST_SLIDE_MEGAPIXELS = "SlideMegapixels", 16, 100
IDC_TABLES_KEY = "Reports/Tables"
SUV_KEY = "Views/Suv"
SUV_BY_WEIGHT, AS_STORED = "bw", "stored"
SUV_KINDS = (SUV_BY_WEIGHT, "lbm", "bsa", AS_STORED)
SERIES_PICTURES_KEY = "SeriesPictures"
ALL_TABLES_KEY = "Browse/AllTables"
FILTERS_OPEN_KEY = "Browse/Filters"
SPEED_KEY = "Download/Speed"
WINDOW_SIZE_KEY = "Window/Size"
WINDOW_MAXIMIZED_KEY = "Window/Maximized"


def columns_key(level: str) -> str:
    """Of a table."""
    return f"Columns/{level}"


def load_list(settings: Settings, key: str) -> list[object]:
    """The JSON list of a key; empty when there is none or it is damaged."""
    try:
        value = json.loads(settings.value(key, "[]"))
    except ValueError:
        return []
    return value if isinstance(value, list) else []


def save_list(settings: Settings, key: str, values: Iterable[object]) -> None:
    """Store a list; tuples are lists here."""
    settings.set_value(key, json.dumps(list(values), separators=(",", ":")))


def load_sizes(settings: Settings, key: str, number: int) -> list[int]:
    """That many sizes that are not negative and not all zero, else an empty list."""
    values = load_list(settings, key)
    sizes = [value for value in values if isinstance(value, int) and type(value) is int and 0 <= value < 100_000]
    return sizes if len(sizes) == len(values) == number and any(sizes) else []


class Splitter(Protocol):
    """A widget that is divided into parts."""

    def sizes(self) -> Sequence[int]:
        """In pixels."""

    def count(self) -> int:
        """Of its parts."""

    def setSizes(self, sizes: Sequence[int], /) -> object:  # noqa: N802
        """In pixels."""

    def property(self, name: str, /) -> object:
        """Such as its "objectName"."""


def save_splitter(settings: Settings, splitter: Splitter) -> None:
    """Under its object name."""
    save_list(settings, splitter_key(splitter), [int(size) for size in splitter.sizes()])


def restore_splitter(settings: Settings, splitter: Splitter) -> None:
    """As it was left."""
    sizes = load_sizes(settings, splitter_key(splitter), int(splitter.count()))
    if sizes:
        splitter.setSizes(sizes)


def splitter_key(splitter: Splitter) -> str:
    """Where its sizes are."""
    return f"Splitter/{splitter.property('objectName')}"


def load_speed(settings: Settings) -> float:
    """Bytes per second of former downloads; 0 when none was measured."""
    try:
        return max(0.0, float(settings.value(SPEED_KEY, "0")))
    except ValueError:
        return 0.0


def shown_slide_levels(settings: Settings) -> tuple[str, ...]:
    """What is fetched of a slide that is to be shown, as ``Content`` has it."""
    return f"{slide_megapixels(settings)}MP", "label"


def slide_megapixels(settings: Settings) -> int:
    """Of the largest level of a slide that is loaded whole; a megapixel is 1024 x 1024 pixels."""
    stored = settings.value(SLIDE_KEY, "")
    number = int(stored) if stored.isascii() and stored.isdecimal() and len(stored) < 4 else SLIDE_MEGAPIXELS
    return max(1, min(number, MOST_SLIDE_MEGAPIXELS))


def slide_pixels(settings: Settings) -> int:
    """The same in pixels."""
    return slide_megapixels(settings) << 20


def suv_choice(settings: Settings) -> str:
    """One of ``SUV_KINDS``."""
    stored = settings.value(SUV_KEY, SUV_BY_WEIGHT)
    return stored if stored in SUV_KINDS else SUV_BY_WEIGHT


def suv_kind(settings: Settings) -> str:
    """As ``volume.read`` takes it: "" for PET as it is stored."""
    chosen = suv_choice(settings)
    return "" if chosen == AS_STORED else chosen
