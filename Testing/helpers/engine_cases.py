"""One question for every method of the engine, asked of the real engine and of the fake by ``test_seam``.

A new method gets its case here: a function that is given a world and returns the parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import pyarrow as pa
import pyarrow.parquet as pq

from helpers import made_reports as made
from helpers.dose_files import dose_beside
from helpers.engine_world import EngineWorld
from helpers.slide_files import saved_nuclei, saved_segments, saved_slide
from helpers.spatial_files import saved_registration, saved_surface
from IDCBrowserLib.api import (
    cart,
    catalog,
    clinical,
    cohort,
    compare,
    diagnostics,
    dose,
    downloads,
    expert,
    export,
    finding,
    first_slices,
    indices,
    labelmap,
    network,
    objects,
    preview,
    registration,
    report,
    review,
    segments,
    selection,
    sharing,
    slide,
    storage,
    store,
    surface,
    transfer,
    tree,
    volume,
    working_set,
)
from IDCBrowserLib.api.method import AnyMethod
from IDCBrowserLib.selection.export import LOCK_KEY

Case = Callable[[EngineWorld], Any]

CASES: dict[str, tuple[AnyMethod, Case]] = {}


def case(method: AnyMethod, params: Case) -> None:
    """A method and its question; ``test_seam`` compares the parameters with the declaration, since here they are written shorter than mypy likes."""
    assert method.name not in CASES, f"{method.name} has a case already"
    CASES[method.name] = method, params


def _named(world: EngineWorld) -> Any:
    return {
        "selections": [
            {"level": "series", "ids": [world.ct], "filters": {"instanceCount": {"min": 1}}},
            {"level": "analysis_results", "ids": [world.analysis_result], "filters": {"Modality": {"any": ["SEG"]}}},
            {"level": "studies", "ids": ["1.2.3.4.5"], "filters": {"Modality": {"none": ["SEG"]}}},
        ]
    }


def _report(world: EngineWorld) -> str:
    """A measurement of an outline in space."""
    outline = made.content("SCOORD3D", made.code("111030", "DCM", "Image Region"))
    outline.GraphicType, outline.GraphicData, outline.ReferencedFrameOfReferenceUID = "POLYGON", [1, 2, 3, 4, 2, 3, 4, 5, 3], "1.2.9"
    sizes = [made.number(made.code("vol", meaning="Volume"), "2.5", "mm3"), made.number(made.code("len", meaning="Length"), "4", "mm")]
    group = made.group([outline, *sizes], "Lesion")
    return str(made.save(made.measurement_report([group], {"1.4.1": "1.4"}), Path(world.path("report.dcm"))))


def _document(world: EngineWorld) -> str:
    dataset = made.report(None, [])
    dataset.SOPClassUID, dataset.EncapsulatedDocument = "1.2.840.10008.5.1.4.1.1.104.1", b"%PDF-1.4 made for a test"
    return str(made.save(dataset, Path(world.path("document.dcm"))))


def _measurements(world: EngineWorld) -> int:
    return world.ask(report.OPEN({"files": [_report(world)]}))["view"]


def _table(world: EngineWorld) -> Any:
    """IDC's table of segments, with one of the phantom's."""
    folder = Path(world.path("tables"))
    (folder / "segmentations").mkdir(parents=True)
    row = {
        "PatientID": "P1",
        "SeriesInstanceUID": world.seg,
        "SOPInstanceUID": "1.2.3",
        "SegmentNumber": 1,
        "TrackingID": "Liver",
        "SegmentAlgorithmName": "Made",
    }
    pq.write_table(pa.Table.from_pylist([row, {**row, "SegmentNumber": 2}]), folder / "segmentations" / "0.parquet")
    return {"selections": [{"level": "series", "ids": [world.seg]}], "location": str(folder)}


def _saved_measurements(world: EngineWorld) -> str:
    path = world.path("rows.parquet")
    world.ask(report.SAVE({"view": _measurements(world), "file": path}))
    return path


def _in_cart(world: EngineWorld) -> str:
    world.ask(cart.ADD(_named(world)))
    return world.collection


def _remove(world: EngineWorld) -> Any:
    return {"selections": [{"level": "series", "ids": [world.ct]}], "collections": [_in_cart(world)]}


def _after_filling_the_cart(world: EngineWorld) -> Any:
    _in_cart(world)
    return {}


case(cart.ADD, _named)
case(cart.LIST, _after_filling_the_cart)
case(cart.GROUPS, _after_filling_the_cart)
case(cart.ROWS, lambda w: {"collection": _in_cart(w), "offset": 0, "limit": 10})
case(cart.REMOVE, _remove)
case(cart.CLEAR, _after_filling_the_cart)
case(cart.UNDO, _after_filling_the_cart)

case(catalog.INFO, lambda w: {})
case(catalog.READINESS, lambda w: {})
case(
    catalog.VIEW,
    lambda w: {"level": "series", "parents": [{"level": "collections", "ids": [w.collection]}], "order_by": [["Modality", "asc"]], "filters": {}},
)
case(catalog.CLOSE_VIEW, lambda w: {"view": w.view()})
case(catalog.PAGE, lambda w: {"view": w.view(), "offset": 0, "limit": 2})
case(catalog.ROWS, lambda w: {"view": w.view(), "ranges": [[0, 1]], "columns": ["Modality", "SeriesInstanceUID"]})
case(catalog.ROW_OF, lambda w: {"view": w.view(), "id": w.ct})
case(catalog.SAVE_TABLE, lambda w: {"view": w.view(), "file": w.path("table.csv"), "columns": ["Modality"]})
case(catalog.DETAILS, lambda w: {"level": "series", "id": w.ct})
case(catalog.SEARCH, lambda w: {"text": w.text, "limit": 5})
case(catalog.FACETS, lambda w: {"filters": {"Modality": ["CT"], "instanceCount": {"min": 1}}})
case(catalog.FACET_DETAILS, lambda w: {"column": "instanceCount", "filters": {}})
case(catalog.FIND_VALUES, lambda w: {"text": "CT", "limit": 5})
case(catalog.RELATED, lambda w: {"id": w.ct})
case(catalog.READ_RELATED, lambda w: {"id": w.ct, "database": w.path("database"), "folder": w.path("downloads"), "ask_buckets": False})
case(catalog.PROVENANCE, lambda w: {"series": [{"SeriesInstanceUID": w.ct, "folder": ""}]})
case(finding.IDENTIFY, lambda w: {"texts": [w.ct, "no such thing"]})
case(finding.LOCATE, lambda w: {"level": "series", "ids": [w.ct]})
case(clinical.CASE, lambda w: {"id": w.case})
case(clinical.ATTRIBUTES, lambda w: {"filters": {"Modality": ["CT"]}, "collections": [w.collection], "text": "stage", "limit": 5})
case(clinical.FACET, lambda w: {"column": "clinical:Stage", "filters": {"Modality": ["CT"]}, "unit": "cases", "collections": [w.collection]})
case(clinical.TABLE_BYTES, lambda w: {"tables": ["lung_ct_visits"], **w.tables})
case(clinical.FETCH, lambda w: {"tables": ["lung_ct_demographics"], **w.tables})


def _shared(world: EngineWorld) -> Any:
    path = Path(world.path("cohort.lock.json"))
    uids = (world.ct, "1.2.3.4.5.6.7")
    uuids = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
    entries = [{"SeriesInstanceUID": uid, "crdc_series_uuid": uuid} for uid, uuid in zip(uids, uuids, strict=True)]
    path.write_text(json.dumps({LOCK_KEY: 1, "idc_version": "1", "series": entries}), encoding="utf-8")
    return {"path": str(path)}


case(
    cohort.COUNTS,
    lambda w: {
        "selections": [{"level": "collections", "ids": [w.collection]}],
        "filters": {"instanceCount": {"min": 1}},
        "figures": ["Modality", "age_decade", "segments"],
    },
)
case(cohort.CHECK, _shared)
case(cohort.CHANGES, lambda w: {"selections": [{"level": "collections", "ids": [w.collection]}], "release": 1})

case(indices.SIDE_INDICES, lambda w: {})
case(indices.FETCH_SIDE_INDEX, lambda w: {"name": "pt_index", "from": w.offered})


def _remove_index(world: EngineWorld) -> Any:
    world.ask(indices.FETCH_SIDE_INDEX({"name": "mr_index", "from": world.offered}))
    return {"name": "mr_index"}


case(indices.REMOVE_SIDE_INDEX, _remove_index)
case(indices.SIDE_INDEX_BYTES, lambda w: {"names": ["pt_index", "ct_index"], "from": w.offered})
case(indices.CHECK_RELEASE, lambda w: {"from": w.offered})
case(indices.UPDATE_RELEASE, lambda w: {"from": w.offered})

case(selection.SUMMARY, lambda w: {"selections": [{"level": "cases", "ids": [w.case]}], "content": {"with_references": True}})
case(selection.PLAN, lambda w: {"sources": [w.rtstruct, "no such thing"], "content": {"with_references": True}})
case(selection.CLOSE_PLAN, lambda w: {"plan": w.plan()})
case(selection.CITE, lambda w: {"plan": w.plan()})
case(selection.EXPORT, lambda w: {"plan": w.plan(), "file": w.path("m.csv"), "form": "csv"})
case(selection.EXPORT_UNRESOLVED, lambda w: {"plan": w.plan(), "file": w.path("lines.csv")})
case(sharing.LINK, lambda w: {"filters": {"Modality": ["CT"], "instanceCount": {"min": 3}}})
case(sharing.OPEN_LINK, lambda w: {"url": "https://portal.imaging.datacommons.cancer.gov/explore/filters/?Modality_op=OR&Modality=CT"})

case(expert.TABLES, lambda w: {"measurements": _saved_measurements(w)})
case(expert.RUN, lambda w: {"query": "SELECT PatientID, 1 AS n FROM index", "limit": 2})
case(expert.CLOSE, lambda w: {"view": w.result()})
case(expert.PAGE, lambda w: {"view": w.result(), "offset": 1, "limit": 1})
case(expert.SORT, lambda w: {"view": w.result(), "column": 1, "descending": True})
case(expert.IDS, lambda w: {"view": w.result(), "ranges": [[0, 1]]})
case(expert.CHART, lambda w: {"view": w.result(), "label": 1, "value": "rows"})
case(expert.SAVE, lambda w: {"view": w.result(), "file": w.path("rows.json")})


def _set(world: EngineWorld) -> Any:
    return {"set": world.ask(working_set.OPEN({"sources": [world.ct]}))["set"]}


case(working_set.OPEN, lambda w: {"sources": [w.ct, "no such thing"]})
case(working_set.EXPORT_UNRESOLVED, lambda w: {**_set(w), "file": w.path("missing.csv")})
case(working_set.CLOSE, _set)

case(downloads.ENQUEUE, lambda w: {"plan": w.plan(), "to": w.path("to"), "options": {**w.buckets, "jobs": 2}, "about": {"load": True}})
case(downloads.UNFINISHED, lambda w: {})
case(downloads.FORGET, lambda w: {"job": w.job(), "keep_series": True})
case(downloads.ARRANGE, lambda w: {"jobs": [w.job()]})
case(downloads.SERIES, lambda w: {"job": w.job(), "offset": 0, "limit": 5, "failed_first": True})
case(downloads.ROOM, lambda w: {"to": w.path("to"), "plan": w.plan()})
case(downloads.EXPORT, lambda w: {"job": w.job(), "file": w.path("missing.csv")})
case(
    transfer.DOWNLOAD,
    lambda w: {"plan": w.plan(), "to": w.path("to"), "import_to": w.path("database"), "options": {**w.buckets}, "with_references": True, "limit": 5},
)
case(transfer.PAUSE, lambda w: {"job": w.job()})
case(transfer.RESUME, lambda w: {"job": w.job()})


def _first_slices(world: EngineWorld) -> Any:
    return world.ask(first_slices.OPEN({"series": world.ct, "expected": len(world.files["ct"])}))


case(first_slices.OPEN, lambda w: {"series": w.ct, "expected": len(w.files["ct"])})
case(first_slices.LOOK, lambda w: {**_first_slices(w), "folder": str(Path(w.files["ct"][0]).parent)})
case(first_slices.CLOSE, _first_slices)
case(transfer.CANCEL_SERIES, lambda w: {"job": w.job(), "series": [w.rtstruct]})

case(store.IMPORT, lambda w: {"database": w.path("database"), "files": [w.files["rtstruct"][0], w.damaged_file()]})
case(store.SERIES_STATUS, lambda w: {**w.folders, "series": [w.ct, "1.2.3"]})
case(store.STUDY_STATUS, lambda w: {**w.folders, "studies": [w.study]})
case(store.SERIES_FILES, lambda w: {"database": w.folders["database"], "series": w.ct})
case(store.SERIES_BELOW, lambda w: {"database": w.folders["database"], "folders": [w.folders["folder"]]})
case(store.SET_SHARED_STORES, lambda w: {"folders": []})


def _looked(world: EngineWorld) -> Any:
    found = world.inventory(world.folders)
    return {"inventory": found["inventory"], "node": found["rows"][0]["node"]}


def _clean(world: EngineWorld) -> Any:
    folders = world.stored()
    found = world.inventory(folders)
    return {
        **folders,
        "inventory": found["inventory"],
        "leftovers": [place for place, item in enumerate(found["leftovers"]) if item[0] == "arriving"],
    }


def _host_has_to_follow(world: EngineWorld) -> Any:
    world.ask(storage.MOVE({**world.stored(), "to": world.path("moved"), "keep_free": 0, "rows": False}))
    return {}


case(storage.INVENTORY, lambda w: {**w.stored(), "again": True})
case(storage.ROWS, _looked)
case(storage.NOT_IMPORTED, lambda w: {"inventory": w.inventory(w.folders)["inventory"], "nodes": [[]]})
case(storage.DIRECTORIES, lambda w: {"inventory": w.inventory(w.folders)["inventory"], "nodes": [[]]})
case(storage.FOLDER, lambda w: {**w.folders, "selections": [{"level": "studies", "ids": [w.study]}]})
case(storage.REMOVAL, lambda w: {**w.folders, "series": [w.ct]})
case(storage.REMOVE, lambda w: {**w.stored(), "series": [w.rtstruct], "rows": True})
case(storage.ROWS_OF, lambda w: {**w.folders, "series": [w.ct]})
case(storage.CLEAN, _clean)
case(storage.MOVE_CHECK, lambda w: {**w.folders, "to": w.path("moved")})
case(storage.MOVE, lambda w: {**w.stored(), "to": w.path("moved")})
case(storage.MOVE_END, _host_has_to_follow)


def _two_segmentations(world: EngineWorld) -> Any:
    """The second lacks a segment of the first."""
    answers = [world.ask(labelmap.CONVERT({"input": world.files["rtstruct"][0], "images": world.files["ct"]})) for _ in range(2)]
    first, second = (dict[str, Any]({key: value for key, value in one.items() if key not in ("others", "seconds")}) for one in answers)
    parts = [first, {**second, "segments": second["segments"][1:]}]
    return {"names": ["A", "B"], "parts": parts, "by_hand": [], "agreement": True, "consensus": "majority"}


def _to_write(world: EngineWorld) -> Any:
    return {
        "part": _two_segmentations(world)["parts"][0],
        "images": world.files["ct"],
        "out": world.path("written.dcm"),
        "kind": "seg",
        "description": "Mine",
        "creator": "",
        "algorithm": "",
        "algorithm_version": "",
        "algorithm_family": "",
        "license": "CC BY 4.0",
        "compress": False,
        "report": world.path("measured.dcm"),
        "may_be_empty": False,
    }


def _to_package(world: EngineWorld) -> Any:
    asked = {**_to_write(world), "out": world.path("contribution.zip"), "license": ""}
    del asked["report"], asked["may_be_empty"]
    return asked


case(labelmap.DESCRIBE, lambda w: {"input": w.files["seg"][0]})
case(labelmap.DRAWN, lambda w: {"files": [w.files["ct"][0], w.files["seg"][0]]})
case(labelmap.CONVERT, lambda w: {"input": w.files["rtstruct"][0], "images": w.files["ct"], "segments": None})
case(labelmap.LABELS, lambda w: {"input": w.label_file()})
case(labelmap.CONTOURS, lambda w: {"input": w.files["rtstruct"][0]})
case(compare.COMPARE, _two_segmentations)
case(export.EXPORT, _to_write)
case(export.PACKAGE, _to_package)
case(segments.LIST, lambda w: {"series": w.seg, "files": w.files["seg"]})
case(
    segments.LOAD,
    lambda w: {"series": w.seg, "files": w.files["seg"], "numbers": [1], "image_files": w.files["ct"]},
)
case(dose.HISTOGRAMS, lambda w: {"dose": [dose_beside(w.path("dose.dcm"), w.files["ct"])], "structures": w.files["rtstruct"][0]})
case(objects.DESCRIBE, lambda w: {"file": _report(w)})
case(objects.SAVE, lambda w: {"file": _document(w), "folder": w.path("saved")})
case(report.OPEN, lambda w: {"files": [_report(w), _document(w), w.damaged_file()]})
case(report.OPEN_TABLES, _table)
case(report.OPEN_MEASUREMENTS, lambda w: {"file": _saved_measurements(w)})
case(report.PAGE, lambda w: {"view": _measurements(w), "offset": 0, "limit": 10})
case(report.SHOW, lambda w: {"view": _measurements(w), "text": "volume", "column": 0, "descending": False})
case(report.SAVE, lambda w: {"view": _measurements(w), "file": w.path("rows.csv")})
case(report.PLACE, lambda w: {"view": _measurements(w), "row": 0, "images": []})
case(report.CLOSE, lambda w: {"view": _measurements(w)})

_FORM = {
    "questions": [
        {"key": "image", "text": "Image", "kind": "rating", "about": "case", "from": 1, "to": 5},
        {"key": "use", "text": "Use", "kind": "choice", "about": "segment", "options": ["yes", "no"]},
        {"key": "flag", "text": "Flag", "kind": "flag", "about": "case", "code": {"value": "1", "scheme": "99TEST", "meaning": "Flag"}},
    ]
}
_SEGMENT = {
    "key": "1.2/1", "name": "Liver", "code": "", "series_uid": "1.3", "object_uid": "1.2",
    "object_class": "1.2.840.10008.5.1.4.1.1.66.4", "number": 1, "image_series_uid": "1.4",
}  # fmt: skip


def _new_list(world: EngineWorld) -> Any:
    return {
        "file": world.path("list.idcreview"),
        "name": "Mine",
        "form": _FORM,
        "source": {"sources": [world.ct]},
        "unit": "studies",
        "blinded": True,
        "ahead": 2,
        "cap_bytes": 10**9,
    }


def _open_list(world: EngineWorld) -> Any:
    """With two readers who have answered, time spent, and a correction."""
    file = world.ask(review.OPEN({"file": world.ask(review.MAKE(_new_list(world)))["file"]}))["file"]
    for reader in ("A", "B"):
        world.ask(review.BEGIN({"reader": reader}))
        world.ask(review.ANSWER({"reader": reader, "entry": 0, "segment": "", "question": "image", "value": 3}))
    world.ask(review.SPENT({"reader": "A", "entry": 0, "seconds": 2.0}))
    place = world.ask(review.CORRECTION({"reader": "A", "entry": 0, "series_uid": world.seg}))["path"]
    world.ask(review.CORRECTED({"reader": "A", "entry": 0, "series_uid": world.seg, "path": place}))
    return file


def _with_list(world: EngineWorld, params: Any) -> Any:
    _open_list(world)
    return params


_AT = {"reader": "A", "entry": 0}
case(review.MAKE, lambda w: {**_new_list(w), "source": {"sources": [w.ct, "no such thing"], "selections": [], "cart": False}})
case(review.OPEN, lambda w: {"file": _open_list(w)})
case(review.CLOSE, lambda w: _with_list(w, {}))
case(review.BEGIN, lambda w: _with_list(w, {"reader": "C"}))
case(review.ENTRY, lambda w: _with_list(w, _AT))
case(review.ANSWER, lambda w: _with_list(w, {**_AT, "segment": "1.2/1", "question": "use", "value": "no"}))
case(review.SPENT, lambda w: _with_list(w, {**_AT, "seconds": 1.5}))
case(review.SEEN, lambda w: _with_list(w, {"entry": 0, "segments": [_SEGMENT], "file": w.files["ct"][0]}))
case(review.NEXT, lambda w: _with_list(w, {"reader": "C", "after": 0}))
case(review.AHEAD, lambda w: _with_list(w, {"entry": 0}))
case(review.FETCHING, lambda w: _with_list(w, {"entry": 0, "series": [w.ct]}))
case(review.REMOVED, lambda w: _with_list(w, {"series": [w.ct]}))
case(review.CORRECTION, lambda w: _with_list(w, {**_AT, "series_uid": w.seg}))
case(review.CORRECTED, lambda w: _with_list(w, {**_AT, "series_uid": w.seg, "path": w.path("corrected.dcm")}))
case(review.AGREEMENT, lambda w: _with_list(w, {}))
case(review.EXPORT, lambda w: _with_list(w, {"file": w.path("answers.csv")}))

case(surface.READ, lambda w: {"files": [saved_surface(w.path("stl.dcm"))]})
case(registration.READ, lambda w: {"files": [saved_registration(w.path("reg.dcm"))]})
case(volume.READ, lambda w: {"files": w.files["ct"], "grid": 0})
case(slide.LEVELS, lambda w: {"series": ["1.2.1.1"]})
case(slide.OPEN, lambda w: {"files": saved_slide(w.path("slide")), "most_pixels": 300_000})
case(
    slide.WINDOW,
    lambda w: {"series": "", "files": saved_slide(w.path("slide")), "rect": [0.0, 0.0, 0.5, 0.5], "width": 100, "height": 100, "fetch": False},
)
case(
    slide.SEGMENTATIONS,
    lambda w: {
        "series": "",
        "files": saved_segments(w.path("slide_segments")),
        "images": saved_slide(w.path("slide")),
        "picture": None,
        "most_pixels": 300_000,
        "numbers": None,
    },
)
case(
    slide.SEGMENT_WINDOW,
    lambda w: {
        "series": "",
        "files": saved_segments(w.path("slide_segments")),
        "numbers": None,
        "rect": [0.0, 0.0, 0.5, 0.5],
        "width": 100,
        "height": 100,
    },
)
case(slide.REFERENCED, lambda w: {"file": saved_nuclei(w.path("nuclei"))})
case(slide.ANNOTATIONS, lambda w: {"file": saved_nuclei(w.path("nuclei")), "images": saved_slide(w.path("slide"))})
case(volume.PLAIN, lambda w: {"files": w.files["ct"]})
case(volume.FILL, lambda w: {"files": w.files["ct"], "array": w.ask(volume.PLAIN({"files": w.files["ct"]}))["array"]})
case(volume.MEMORY, lambda w: {"files": w.files["seg"], "images": w.files["ct"]})
case(preview.SERIES, lambda w: {"series": w.ct, "files": w.files["ct"]})
case(preview.THUMBNAIL, lambda w: {"series": w.ct, "files": w.files["ct"]})


def _stack(world: EngineWorld) -> Any:
    return {"stack": world.ask(preview.OPEN_STACK({"series": world.ct, "files": world.files["ct"]}))["stack"]}


case(preview.OPEN_STACK, lambda w: {"series": w.ct, "files": w.files["ct"]})
case(preview.FRAME, lambda w: {**_stack(w), "frame": 1})
case(preview.CLOSE_STACK, _stack)
case(tree.TREE, lambda w: {"view": w.view(), "folder": w.folders["folder"]})

case(network.SET_NETWORK, lambda w: {"proxy": "none", "ca_bundle": "", "limit_rate": 0.0})
case(network.CHECK_BUNDLE, lambda w: {"path": certifi.where()})
case(diagnostics.ECHO, lambda w: {"text": "é", "list": [1, 2.5, None]})
case(diagnostics.INFO, lambda w: {})
# Last: it closes the views of the others.
case(indices.USE_BUNDLED_RELEASE, lambda w: {})
