"""The folder that names a cohort for others: what to download, what to cite, and later what of it is still the same."""

from __future__ import annotations

import filecmp
import json
import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.errors import IDCBrowserError, InputError, StorageError
from IDCBrowserLib.safe_text import printable
from IDCBrowserLib.selection.citations import cite
from IDCBrowserLib.selection.export import LOCK_KEY, csv_table, lock_file, s5cmd_manifest
from IDCBrowserLib.selection.plan import Plan
from IDCBrowserLib.selection.text_file import check_is_file, read_text
from IDCBrowserLib.whole_file import part_folder, whole_file
from IDCBrowserLib.wording import human_count, human_size

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog

LOCK = "cohort.lock.json"
_PART = 50_000
_READ_ME = """{title}
{counts}, from IDC release {release}.

cohort.lock.json     the exact versions of all series: idc-browser download cohort.lock.json --to FOLDER gives the same bytes, also years later
cohort_aws.s5cmd     the same for s5cmd, from AWS{google}
cohort.csv           a table of the series
METHODS.txt          a sentence for the methods section, and what to cite
citations.json       the same for programs
citations.bib        the references for LaTeX and reference managers

In the window: Ctrl+M, then choose cohort.lock.json. What of it is still the same in the release of today: idc-browser check FOLDER
"""


def write_shared(catalog: Catalog, plan: Plan, folder: Path, title: str = "A cohort of the NCI Imaging Data Commons") -> list[str]:
    """Write the folder; gives the names of the files. Raises ``InputError`` for an empty plan, and where other files
    have these names, which stay; ``StorageError``.
    """
    if not plan.series:
        raise InputError("There is no series in the selection, so there is nothing to share.")
    release = str(catalog.info()["idc_version"])
    cited = cite(catalog, plan)
    in_google = all(one.gcs_bucket for one in plan.series)
    counts = ", ".join(
        (
            human_count(plan.counts["collections"], "collection", "collections"),
            human_count(plan.counts["cases"], "case", "cases"),
            human_count(len(plan.series), "series", "series"),
            human_size(plan.total_bytes),
        )
    )
    google = "\ncohort_gcs.s5cmd     the same from Google" if in_google else ""
    files: dict[str, Iterable[str]] = {
        LOCK: lock_file(plan, release),
        "cohort_aws.s5cmd": s5cmd_manifest(plan, release),
        "cohort.csv": csv_table(plan),
        "METHODS.txt": [printable(cited.describe()) + "\n"],
        "citations.json": [json.dumps(cited.to_json(), indent=1, ensure_ascii=False) + "\n"],
        "citations.bib": [cited.bibtex()],
        "README.txt": [_READ_ME.format(title=title, counts=counts, release=release, google=google)],
    }
    if in_google:
        files["cohort_gcs.s5cmd"] = s5cmd_manifest(plan, release, "gcs")
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part_folder(".idc-browser-", folder) as made:
            _fill(made, folder, files)
    except (OSError, IDCBrowserError) as error:
        for one in new:
            # Only what is empty goes.
            with suppress(OSError):
                one.rmdir()
        if isinstance(error, OSError):
            raise StorageError(f"The folder {folder} cannot be written ({error.strerror or error}); choose another one.") from error
        raise
    return list(files)


def _fill(made: Path, folder: Path, files: Mapping[str, Iterable[str]]) -> None:
    for name, pieces in files.items():
        try:
            with whole_file(made / name) as file:
                file.writelines(pieces)
        except StorageError as error:
            # It names the folder that goes with the attempt.
            raise StorageError(str(error).replace(str(made), str(folder))) from error
    _refuse_others(made, folder, files)
    for name in files:
        os.replace(made / name, folder / name)


def _refuse_others(made: Path, folder: Path, names: Iterable[str]) -> None:
    """What is there under these names with another content is the user's, or of another cohort."""
    others = [name for name in names if os.path.lexists(folder / name) and not _is_same(folder / name, made / name)]
    if others:
        raise InputError(f"{folder} has other files named {', '.join(others)}, which are kept. Choose an empty or a new folder.")


def _is_same(path: Path, made: Path) -> bool:
    status = os.lstat(path)
    return stat.S_ISREG(status.st_mode) and status.st_size == made.stat().st_size and filecmp.cmp(path, made, shallow=False)


def check_shared(catalog: Catalog, place: Path) -> dict[str, Any]:
    """What of a shared folder (or lock file) is in the release in use.

    ``{"idc_version": then, "current": now, "identical": n, "revised": [{"SeriesInstanceUID", "was", "now"}], "gone": [...], "unknown": [...]}``;
    ``gone`` series were removed from IDC, their last version can still be downloaded; ``unknown`` are in no index file.
    Raises ``NotFoundError`` and ``InputError`` for what is not such a file.
    """
    lock = _read_lock(place / LOCK if place.is_dir() else place)
    identical = 0
    revised: list[dict[str, str]] = []
    gone: list[dict[str, str]] = []
    unknown: list[dict[str, str]] = []
    entries = lock["series"]
    for first in range(0, len(entries), _PART):
        part = {str(entry["SeriesInstanceUID"]): str(entry["crdc_series_uuid"]) for entry in entries[first : first + _PART]}
        now = {
            row["SeriesInstanceUID"]: row["crdc_series_uuid"] for row in catalog.series_rows(list(part), ("SeriesInstanceUID", "crdc_series_uuid"))
        }
        missing = [uuid for uid, uuid in part.items() if uid not in now]
        prior = {row["crdc_series_uuid"] for row in catalog.prior_series_rows(missing)} if missing else set()
        for uid, uuid in part.items():
            if uid in now and now[uid].lower() == uuid.lower():
                identical += 1
            elif uid in now:
                revised.append({"SeriesInstanceUID": uid, "was": uuid, "now": now[uid]})
            else:
                (gone if uuid in prior else unknown).append({"SeriesInstanceUID": uid, "was": uuid})
    told = {"idc_version": lock.get("idc_version"), "current": str(catalog.info()["idc_version"]), "series": len(entries)}
    return {**told, "identical": identical, "revised": revised, "gone": gone, "unknown": unknown}


def _read_lock(path: Path) -> dict[str, Any]:
    check_is_file(path, f"give the folder that idc-browser share wrote, or its {LOCK}")
    advice = f"Give the folder that idc-browser share wrote, or its {LOCK}."
    try:
        document: dict[str, Any] = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged ({error}). {advice}") from error
    entries = document.get("series") if isinstance(document, dict) and LOCK_KEY in document else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) and {"SeriesInstanceUID", "crdc_series_uuid"} <= one.keys() for one in entries):
        raise InputError(f"{path} is not a lock file of idc-browser. {advice}")
    return document
