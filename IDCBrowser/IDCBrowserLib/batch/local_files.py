"""Series of DICOM files that are on this machine already."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from IDCBrowserLib.batch.drawn import named_images
from IDCBrowserLib.batch.item import ItemSeries
from IDCBrowserLib.batch.steps import DRAWN, is_image
from IDCBrowserLib.dicom.charset import decode_text
from IDCBrowserLib.dicom.first_elements import read_first_elements
from IDCBrowserLib.dicom.regular_file import open_regular
from IDCBrowserLib.dicom.scan import TagSelection
from IDCBrowserLib.errors import IDCBrowserError, NotDicomError
from IDCBrowserLib.selection.plan import PlannedSeries, Unresolved
from IDCBrowserLib.task import Progress, Task

COLLECTION = "local-files"
_CHARSET, _MODALITY, _DESCRIPTION, _PATIENT, _STUDY, _SERIES = 0x00080005, 0x00080060, 0x0008103E, 0x00100020, 0x0020000D, 0x0020000E
_WANTED = TagSelection(frozenset({_CHARSET, _MODALITY, _DESCRIPTION, _PATIENT, _STUDY, _SERIES}), _SERIES)
_MOST_NAMED = 1000


@dataclass
class _Series:
    """``names`` are paths below ``folder``; ``marks`` tell one state of the files from another."""

    modality: str
    description: str
    patient: str
    study: str
    folder: str
    names: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


class LocalSeries:
    """The series in folders. ``unresolved``: files that look like DICOM and cannot be used."""

    def __init__(self, folders: Sequence[str], task: Task) -> None:
        self.unresolved: list[Unresolved] = []
        self._task = task
        self._found: dict[str, _Series] = {}
        self._seen = 0
        for folder in dict.fromkeys(os.path.abspath(folder) for folder in folders):
            self._walk(folder)

    def all(self, place: Callable[[PlannedSeries], str]) -> Iterator[ItemSeries]:
        """One for each Series Instance UID. Its version stands for the state of its files: another file or change makes another version."""
        for uid, one in self._found.items():
            marks = "\n".join([uid, *sorted(one.marks)])
            version = "local-" + hashlib.sha256(marks.encode(errors="surrogatepass")).hexdigest()[:32]
            planned = PlannedSeries(
                series_uid=uid,
                crdc_series_uuid=version,
                collection_id=COLLECTION,
                patient_id=one.patient,
                study_uid=one.study,
                modality=one.modality,
                description=one.description or None,
                instance_count=len(one.names),
                size_bytes=0,
                license=None,
                aws_bucket="",
                gcs_bucket=None,
                idc_version=None,
                source_doi=None,
            )
            yield ItemSeries(planned, place(planned), one.folder, tuple(sorted(one.names)))

    def _walk(self, top: str) -> None:
        for folder, below, names in os.walk(top):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                self._task.raise_if_cancelled()
                self._seen += 1
                if self._seen % 100 == 0:
                    self._task.report(Progress("Reading the beginnings of files", self._seen, None, "files"))
                self._read(top, os.path.join(folder, name))

    def _read(self, top: str, path: str) -> None:
        try:
            with open_regular(path) as file:
                status = os.fstat(file.fileno())
                values = read_first_elements(path, file, _WANTED).values
        except NotDicomError:
            return
        except IDCBrowserError as error:
            self._refuse(path, error.reason)
            return
        except OSError as error:
            self._refuse(path, error.strerror or str(error))
            return
        charset = values.get(_CHARSET, b"").decode("ascii", "replace").strip(" \0")
        texts = {tag: decode_text(value, charset).strip(" \0") for tag, value in values.items() if tag != _CHARSET}
        uid = texts.get(_SERIES, "")
        if not uid:
            self._refuse(path, "it has no Series Instance UID (0020,000E)")
            return
        modality, description, patient, study = (texts.get(tag, "") for tag in (_MODALITY, _DESCRIPTION, _PATIENT, _STUDY))
        one = self._found.setdefault(uid, _Series(modality, description, patient, study, top))
        # From another of the folders, its whole path.
        name = os.path.relpath(path, top) if one.folder == top else path
        one.names.append(name)
        one.marks.append(f"{name}\0{status.st_size}\0{status.st_mtime_ns}")

    def _refuse(self, path: str, reason: str) -> None:
        if len(self.unresolved) < _MOST_NAMED:
            self.unresolved.append(Unresolved(path, None, "", reason))


def cases_of(series: Iterable[ItemSeries]) -> tuple[list[list[ItemSeries]], Mapping[str, Sequence[str]]]:
    """Series that may belong together, and which images annotations name, as far as that was read.

    Mostly a case. Annotations whose case has no images are read and put with what they name, since their Patient ID may differ.
    """
    cases: dict[str, list[ItemSeries]] = {}
    for one in series:
        cases.setdefault(one.planned.patient_id, []).append(one)
    alone = [case for case in cases.values() if not any(is_image(one.planned.modality) for one in case)]
    others = [case for case in cases.values() if any(is_image(one.planned.modality) for one in case)]
    if not others:
        return alone, {}
    references = {one.planned.series_uid: _named_by(one) for case in alone for one in case if one.planned.modality in DRAWN}
    named = {uid for uids in references.values() for uid in uids}
    joined = [case for case in others if any(one.planned.series_uid in named for one in case)]
    apart = [case for case in others if not any(one.planned.series_uid in named for one in case)]
    together = [one for case in (*alone, *joined) for one in case]
    return [*apart, together] if together else apart, references


def _named_by(one: ItemSeries) -> list[str]:
    return list(dict.fromkeys(uid for name in one.names for uid in named_images(os.path.join(one.folder, name))))
