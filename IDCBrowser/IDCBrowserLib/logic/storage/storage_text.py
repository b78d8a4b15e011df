"""Texts of the Storage page."""

from __future__ import annotations

from collections.abc import Sequence

from IDCBrowserLib.api import storage as api
from IDCBrowserLib.api.store import ImportCounts
from IDCBrowserLib.i18n import tr as _
from IDCBrowserLib.logic.base.state import Kind
from IDCBrowserLib.wording import human_size


def summary(document: api.Inventory) -> str:
    """What is kept, in one or two sentences."""
    counts = document["totals"]
    places = {place["kind"]: place for place in document["places"]}
    text = _("{size} in {series}, {files}; {free} free on this disk.").format(
        size=human_size(counts["bytes"]),
        series=series_count(counts["series"]),
        files=files_count(counts["files"]),
        free=human_size(places["downloads"]["free"]),
    )
    series, files = document["elsewhere"]
    if series:
        more = _("The DICOM database also contains {series} ({files}) in other folders.")
        text = f"{text} {more.format(series=series_count(series), files=files_count(files))}"
    if document["unreadable"]:
        path, reason = document["unreadable"][0]
        more = _("{count} folders cannot be read, such as {path} ({reason}).")
        text = f"{text} {more.format(count=len(document['unreadable']), path=path, reason=reason)}"
    return text


def status_of(row: api.Amounts) -> str:
    """The state of a collection or case: how much of it is usable at once."""
    total, imported = row["series"], row["in database"]
    parts = [_("In database") if imported == total else _("{count} of {total} in database").format(count=f"{imported:,}", total=f"{total:,}")]
    if row["older version"]:
        parts.append(_("{count} of an older version").format(count=f"{row['older version']:,}"))
    if row["partial"]:
        parts.append(_("{count} incomplete").format(count=f"{row['partial']:,}"))
    return ", ".join(parts)


def series_status(row: api.Row) -> tuple[str, str, str]:
    """Text, icon and explanation of the state of one series."""
    known = {
        "in database": (_("In database"), "status-database", _("In the DICOM database, ready to load.")),
        "on disk": (_("On disk"), "status-disk", _("Complete on disk, but not in the DICOM database.")),
        "partial": (_("Incomplete"), "status-partial", _("Some files are missing. Download the series again to complete it.")),
        "older version": (_("Older version"), "status-newer", _("IDC has a newer version. Download the series to get it.")),
    }
    text, icon, tip = known[row["status"]]
    if row["status"] == "partial" and row["expected"]:
        text = _("{count} of {total} files").format(count=f"{row['files']:,}", total=f"{row['expected']:,}")
    if row["status"] == "older version" and row["imported"]:
        text = _("Older version, in database")
    return text, icon, tip


def leftover_title(kind: str) -> str:
    """What the leftovers of a kind are."""
    return {
        "arriving": _("Partial files of interrupted downloads"),
        "empty": _("Empty folders"),
        "superseded": _("Files replaced by a newer version"),
        "older version": _("Older versions of series whose current version is on disk"),
        "partial": _("Incomplete series"),
        "not in database": _("Series not in the DICOM database"),
    }[kind]


def place_title(kind: str) -> str:
    """What a folder is for."""
    return {
        "downloads": _("Downloads"),
        "database": _("DICOM database"),
        "catalog": _("Catalog cache"),
        "indices": _("Additional index files"),
        "journal": _("Download records and cart"),
    }[kind]


def removal_question(found: api.Removed) -> str:
    """What removing means, before it happens."""
    text = _("Remove {series} from this computer ({files}, {size}), and from the DICOM database?").format(
        series=series_count(found["series"]),
        files=files_count(found["files"]),
        size=human_size(found["bytes"]),
    )
    return f"{text} {_kept(found)}".rstrip()


def nothing_to_remove(found: api.Removed) -> str:
    """Why there is no question to ask."""
    if found["kept_count"]:
        return _("Nothing in the selection was downloaded by this program. {kept}").format(kept=_kept(found))
    return _("Nothing in the selection is on this computer.")


def removal_report(report: api.Removed) -> tuple[Kind, str]:
    """What was removed."""
    text = _("Removed {series}: {files}, {size}.").format(
        series=series_count(report["series"]),
        files=files_count(report["files"]),
        size=human_size(report["bytes"]),
    )
    return _with_failures(report, f"{text} {_kept(report)}".rstrip())


def clean_question(chosen: Sequence[api.Leftover]) -> str:
    """What cleaning up means, before it happens."""
    text = _("Remove the selected items: {count} items, {files}, {size}?")
    files, size = sum(item[3] for item in chosen), sum(item[4] for item in chosen)
    return text.format(count=f"{len(chosen):,}", files=files_count(files), size=human_size(size))


def clean_report(reports: Sequence[api.Removed]) -> tuple[Kind, str]:
    """What was cleaned up."""
    whole: api.Removed = {
        "series": sum(report["series"] for report in reports),
        "files": sum(report["files"] for report in reports),
        "bytes": sum(report["bytes"] for report in reports),
        "kept": [path for report in reports for path in report["kept"]],
        "kept_count": sum(report["kept_count"] for report in reports),
        "failed": [item for report in reports for item in report["failed"]],
        "failed_count": sum(report["failed_count"] for report in reports),
    }
    text = _("Cleaned up: {files}, {size} removed.").format(files=files_count(whole["files"]), size=human_size(whole["bytes"]))
    return _with_failures(whole, f"{text} {_kept(whole)}".rstrip())


def move_question(found: api.MovePlan, folder: str) -> str:
    """What moving means, before it happens."""
    parts = [
        _("Move {series} ({size}) from {before} to {after}?").format(
            series=series_count(found["series"]),
            size=human_size(found["bytes"]),
            before=folder,
            after=found["to"],
        )
    ]
    if not found["same_disk"]:
        parts.append(
            _("The files are copied to the other disk and compared ({needed} to copy, {free} free), then removed from the old folder.").format(
                needed=human_size(found["needed"]),
                free=human_size(found["free"]),
            )
        )
    if found["stay"]:
        parts.append(_("{files} in the old folder.").format(files=_yours(found["stay"])))
    parts.append(_("Future downloads will go to the new folder."))
    return " ".join(parts)


def move_report(document: api.Moved, to: str) -> tuple[Kind, str]:
    """What was moved."""
    text = _("Moved {series} ({size}) to {folder}.").format(
        series=series_count(document["series"]),
        size=human_size(document["bytes"]),
        folder=to,
    )
    if document["left_out"]:
        more = _("The DICOM database did not accept {files} in the new folder. Add them again.")
        return Kind.WARNING, f"{text} {more.format(files=files_count(len(document['left_out'])))}"
    return _with_failures(document["removed"], text)


def import_report(counts: ImportCounts) -> tuple[Kind, str]:
    """What was added to the database."""
    text = _("{series} added to the DICOM database.").format(series=series_count(counts["series"]))
    left_out = counts["left_out"]
    if not left_out:
        return Kind.SUCCESS, text
    more = _("{files} skipped, such as {file} ({reason}).")
    return Kind.WARNING, f"{text} {more.format(files=files_count(len(left_out)), file=left_out[0]['file'], reason=left_out[0]['reason'])}"


def series_count(number: int) -> str:
    """A number of series."""
    return _("1 series") if number == 1 else _("{count} series").format(count=f"{number:,}")


def files_count(number: int) -> str:
    """A number of files."""
    return _("1 file") if number == 1 else _("{count} files").format(count=f"{number:,}")


def _kept(report: api.Removed) -> str:
    count = report["kept_count"]
    if not count:
        return ""
    return _("{files}: not downloaded by this program, or changed since.").format(files=_yours(count))


def _yours(count: int) -> str:
    return _("1 file of yours stays") if count == 1 else _("{count} files of yours stay").format(count=f"{count:,}")


def _with_failures(report: api.Removed, text: str) -> tuple[Kind, str]:
    if not report["failed_count"]:
        return Kind.SUCCESS, text
    path, reason = report["failed"][0]
    more = _("{files} could not be deleted, such as {path} ({reason}).")
    return Kind.WARNING, f"{text} {more.format(files=files_count(report['failed_count']), path=path, reason=reason)}"
