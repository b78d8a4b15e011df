"""What scripts in Slicer can do without widgets. Each call runs in this process and returns when it is done.

Signatures: ``ctkDICOMIndexer.addListOfFiles(files, copyFile)`` is synchronous unless told otherwise (ctkDICOMIndexer.h);
``ctkDICOMDatabase.fileValue(path, "gggg,eeee")``, ``filesForSeries(uid, hits)`` (ctkDICOMDatabase.h).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from IDCBrowserLib.api.method import Question
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, NotFoundError, StoreError
from IDCBrowserLib.host.slicer.dicom.database import FinishedWork
from IDCBrowserLib.host.slicer.dicom.database_state import open_database
from IDCBrowserLib.host.slicer.host import SlicerSettings, download_folder
from IDCBrowserLib.host_interface import LoadRequest, LoadResult, OnError, OnProgress
from IDCBrowserLib.task import Progress, Task

R = TypeVar("R")

if TYPE_CHECKING:
    from slicer import ctkDICOMDatabase, vtkMRMLNode

    from IDCBrowserLib.labelmap.types import Labelmap
    from IDCBrowserLib.selection.plan import Plan
    from IDCBrowserLib.transfer.report import TransferReport
    from IDCBrowserLib.volume.pixels import Volume

_NO_DATABASE = "Slicer's DICOM database is not open. Open the DICOM module once, or DICOMUtils.openDatabase(folder), then try again."


class InProcessEngine:
    """Answers what ``SceneLoader`` asks at once, in this process; ``close`` removes its temporary files."""

    def __init__(self) -> None:
        from IDCBrowserLib.engine.state import EngineState

        self._state = EngineState({})

    def ask(
        self,
        question: Question[R],
        on_result: Callable[[R], object] | None = None,
        on_error: OnError | None = None,
        on_progress: OnProgress | None = None,
    ) -> FinishedWork:
        """As ``EngineClient.ask``; the callbacks run before it returns."""
        from IDCBrowserLib.engine import answers

        try:
            result: R = answers.load(answers.find(question.method))(self._state, question.params, Task(on_progress))
        except IDCBrowserError as error:
            if on_error is not None:
                on_error(error)
        else:
            if on_result is not None:
                on_result(result)
        return FinishedWork()

    def close(self) -> None:
        """Remove what was exchanged. Where the catalog had to be opened for where series are from, the next call need not."""
        self._state.write_origin_table()
        self._state.close()


class ScriptStore:
    """The part of ``DicomStore`` that loading needs, on Slicer's database."""

    def series_files(self, series_uid: str, on_done: Callable[[Sequence[str]], None], on_error: OnError) -> FinishedWork:
        """See ``DicomStore``."""
        database = open_database()
        if database is None:
            on_error(StoreError(_NO_DATABASE))
        else:
            on_done([str(path) for path in database.filesForSeries(series_uid)])
        return FinishedWork()


def plan(sources: str | Sequence[str], with_references: bool = False, catalog_sources: Sequence[str | Path] = (), task: Task | None = None) -> Plan:
    """See ``IDCBrowserLogic.plan``."""
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.selection.plan_content import PlanContent, apply_content
    from IDCBrowserLib.selection.resolve import resolve

    task = task or Task()
    names = [sources] if isinstance(sources, str) else [str(source) for source in sources]
    with Catalog(extra_sources=[Path(path) for path in catalog_sources]) as catalog:
        return apply_content(catalog, resolve(catalog, names, task=task), PlanContent(references=with_references), task)


def download(
    wanted: Plan | str | Sequence[str],
    folder: str | Path | None = None,
    to_database: bool = True,
    endpoint_url: str | None = None,
    task: Task | None = None,
) -> TransferReport:
    """See ``IDCBrowserLogic.download``."""
    from IDCBrowserLib.logic.settings.settings import stored_options
    from IDCBrowserLib.selection.plan import Plan as PlanType
    from IDCBrowserLib.transfer.download import download as fetch

    if to_database and open_database() is None:
        raise StoreError(_NO_DATABASE)
    made = wanted if isinstance(wanted, PlanType) else plan(wanted, task=task)
    options = stored_options(SlicerSettings())
    report = fetch(made, Path(folder or download_folder()), replace(options, endpoint_url=endpoint_url or options.endpoint_url), task)
    if to_database:
        add_to_database(report)
    return report


def add_to_database(report: TransferReport) -> None:
    """Link the files of complete series; those that are there already cost next to nothing."""
    from IDCBrowserLib.logic.base.file_lister import dicom_files

    folders = [item["directory"] for item in report.to_json()["series"] if item["state"] == "complete"]
    files = [path.replace("\\", "/") for folder in folders for path in dicom_files(str(folder))]
    database = open_database()
    if files and database is not None:
        import ctk

        indexer = ctk.ctkDICOMIndexer()
        indexer.setDatabase(database)
        indexer.addListOfFiles(files, False)


def load(series_uids: str | Sequence[str], on_progress: Callable[[Progress], None] | None = None) -> list[vtkMRMLNode]:
    """See ``IDCBrowserLogic.load``."""
    import slicer

    from IDCBrowserLib.host.slicer.loading import SlicerLoader

    uids = [series_uids] if isinstance(series_uids, str) else list(series_uids)
    requests = [_request(uid) for uid in uids]
    results: list[LoadResult] = []
    engine = InProcessEngine()
    try:
        loader = SlicerLoader(engine, ScriptStore(), lambda work: work())  # type: ignore[arg-type]
        loader.load(requests, results.extend, on_progress or _ignore)
    finally:
        engine.close()
    failed = [result.error for result in results if result.error]
    if failed:
        raise ConversionError(" ".join(failed))
    ids = dict.fromkeys(node_id for result in results for node_id in result.node_ids)
    return [node for node in map(slicer.mrmlScene.GetNodeByID, ids) if node is not None]


def volumes(series_uids: str | Sequence[str], task: Task | None = None) -> Iterator[Volume]:
    """See ``IDCBrowserLogic.volumes``."""
    from IDCBrowserLib.volume.pixels import read_volume
    from IDCBrowserLib.volume.read_grids import read_image_grids

    task = task or Task()
    for uid in [series_uids] if isinstance(series_uids, str) else series_uids:
        for grid in read_image_grids([Path(path) for path in _files(uid)[1]], task, assume_positions=True):
            yield read_volume(grid, task)


def labelmap(file: str | Path, images: Sequence[str | Path] | None = None, task: Task | None = None) -> Labelmap:
    """See ``IDCBrowserLogic.labelmap``."""
    from IDCBrowserLib.labelmap.convert import convert

    return convert(file, _images_of(file, images), task=task)


def labelmaps(file: str | Path, images: Sequence[str | Path] | None = None, task: Task | None = None) -> list[Labelmap]:
    """See ``IDCBrowserLogic.labelmaps``."""
    from IDCBrowserLib.labelmap.convert import convert_parts

    return list(convert_parts(file, _images_of(file, images), task=task))


def _images_of(file: str | Path, images: Sequence[str | Path] | None) -> list[str | Path] | None:
    """``images``, else those of the database that the object names; None where there are none."""
    if images is not None:
        return list(images) or None
    from IDCBrowserLib.labelmap.convert import describe

    database = open_database()
    if database is None:
        return None
    return [path for uid in describe(file)["referenced_series_uids"] for path in database.filesForSeries(uid)] or None


def _files(series_uid: str) -> tuple[ctkDICOMDatabase, list[str]]:
    database = open_database()
    if database is None:
        raise StoreError(_NO_DATABASE)
    files = [str(path) for path in database.filesForSeries(series_uid)]
    if not files:
        raise NotFoundError(f"The series {series_uid} is not in Slicer's DICOM database. Download it, then load it.")
    return database, files


def _request(series_uid: str) -> LoadRequest:
    database, files = _files(series_uid)
    return _request_of(database, series_uid, files[0])


def _request_of(database: ctkDICOMDatabase, series_uid: str, file: str) -> LoadRequest:
    study, patient, modality, sop_class, description = (
        str(database.fileValue(file, tag)) for tag in ("0020,000D", "0010,0020", "0008,0060", "0008,0016", "0008,103E")
    )
    return LoadRequest(series_uid, study, patient, modality, sop_class, description)


def _ignore(_progress: Progress) -> None:
    """Nobody asked."""
