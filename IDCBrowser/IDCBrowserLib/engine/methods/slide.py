"""Slide microscopy: levels of a slide as pictures, and what was annotated on it."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, sqrt
from typing import TYPE_CHECKING

from IDCBrowserLib.api import slide as api
from IDCBrowserLib.engine.answers import answers
from IDCBrowserLib.engine.arrays import save_array
from IDCBrowserLib.engine.asked_series import asked_series, options_of
from IDCBrowserLib.engine.state import EngineState
from IDCBrowserLib.errors import ConversionError, IDCBrowserError, InputError
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.preview.remote import RemoteFile
    from IDCBrowserLib.preview.slide_windows import SlideWindows
    from IDCBrowserLib.slide.levels import SlideImage
    from IDCBrowserLib.slide.tiles import Tiles


@answers(api.LEVELS)
def levels(state: EngineState, params: api.SlidesAsked, task: Task) -> api.Levels:
    """As the index of instances lists them."""
    from IDCBrowserLib.catalog.search.instances import INSTANCE_INDEX

    catalog = state.catalog()
    with catalog.cancelled_by(task):
        if catalog.missing_indices([INSTANCE_INDEX]):
            return {"levels": {}, "missing_index": True}
        return {"levels": catalog.slide_levels(params["series"]), "missing_index": False}


@answers(api.OPEN)
def open_slide(state: EngineState, params: api.OpenParameters, task: Task) -> api.Slide:
    """The largest level that is small enough, and the label."""
    from IDCBrowserLib.slide.levels import read_slide

    if params["most_pixels"] < 1:
        raise InputError(f"A level of {params['most_pixels']:,} pixels cannot be shown; give at least one.")
    slide = read_slide(params["files"])
    level = slide.level_within(params["most_pixels"])
    warnings = list(slide.warnings)
    picture = _picture(state, level, params["most_pixels"], task, warnings)
    label = None
    if slide.label is not None:
        try:
            label = _picture(state, slide.label, params["most_pixels"], task, warnings)
        except IDCBrowserError as error:
            warnings.append(f"The label of the slide cannot be shown: {error}")
    root = slide.root
    number, description = root.text(0x00200011), root.text(0x0008103E) or "Slide"
    return {
        "picture": picture,
        "label": label,
        "levels": [{"file": one.path, "rows": one.rows, "columns": one.columns, "spacing": list(one.spacing)} for one in slide.levels],
        "level": slide.levels.index(level),
        "name": f"{number}: {description}" if number else description,
        "series_uid": root.text(0x0020000E),
        "study_uid": root.text(0x0020000D),
        "patient_id": root.text(0x00100020),
        "patient_name": root.text(0x00100010),
        "series_description": root.text(0x0008103E),
        "series_number": number,
        "frame_of_reference_uid": level.frame_of_reference_uid,
        "warnings": warnings,
    }


@answers(api.WINDOW)
def window(state: EngineState, params: api.WindowParameters, task: Task) -> api.Window:
    """The tiles in sight, of the level that fits."""
    left, top, right, bottom = (float(value) for value in params["rect"])
    key = (
        params["series"],
        tuple(params["files"]),
        params["fetch"],
        *(params.get(name) for name in ("provider", "endpoint_url", "gcs_endpoint_url")),
    )
    windows = state.slide_windows.get(key, lambda: _windows(state, params))
    found = windows.window((left, top, right, bottom), params["width"], params["height"], task)
    return {**save_array(state, found.pixels), "rect": list(found.rect), "rows": found.rows, "columns": found.columns, "warnings": list(found.notes)}


def _windows(state: EngineState, params: api.WindowParameters) -> SlideWindows:
    from IDCBrowserLib.preview.slide_windows import SlideWindows
    from IDCBrowserLib.slide.levels import read_slide

    here = read_slide(params["files"]).levels if params["files"] else ()
    return SlideWindows(here, _in_buckets(state, params) if params["fetch"] else ())


def _in_buckets(state: EngineState, params: api.WindowParameters) -> list[tuple[int, int, RemoteFile]]:
    """Levels that IDC lists of a slide, as rows, columns and the first of their files; none for a slide that is not IDC's."""
    from IDCBrowserLib.preview.series import objects_of
    from IDCBrowserLib.selection.lookup import Lookup

    uid, catalog = params["series"], state.catalog()
    series = Lookup(catalog).series([uid]).get(uid)
    if series is None:
        return []
    levels = [level for level in catalog.slide_levels([uid]).get(uid, []) if level["kind"] == "level" and level["rows"]]
    sizes = catalog.instance_bytes([level["instances"][0] for level in levels])
    objects = objects_of(series, options_of(state, params), {f"{name}.dcm": size for name, size in sizes.items()})
    named = [(level, objects.get(f"{level['instances'][0]}.dcm")) for level in levels]
    return [(level["rows"], level["columns"], item) for level, item in named if item is not None]


@answers(api.SEGMENTATIONS)
def segmentations(state: EngineState, params: api.SegmentationsParameters, task: Task) -> api.Segmentations:
    """Overviews of what was drawn on a slide."""
    from IDCBrowserLib.engine.slide_segmentations import in_bucket, in_files
    from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
    from IDCBrowserLib.slide.levels import read_slide
    from IDCBrowserLib.slide.segment_levels import check_place, laid_over
    from IDCBrowserLib.volume.geometry import Geometry

    if params["most_pixels"] < 1:
        raise InputError(f"A segmentation of {params['most_pixels']:,} pixels cannot be shown; give at least one.")
    files = params.get("files") or [str(file) for file in asked_series(state, params).files]
    found, said = in_files(files) if files else in_bucket(state, params["series"], params)
    notes = list(said)
    if params["numbers"] is not None:
        found = [one.of_segments(params["numbers"]) for one in found]
    slide = read_slide(params["images"]) if params["images"] else None
    made = []
    for one in found:
        try:
            if slide is not None:
                check_place(one, slide)
            labelmap = one.overview(params["most_pixels"], task)
        except ConversionError as error:
            # The others of the series are shown all the same.
            if len(found) == 1:
                raise
            notes.append(str(error))
            continue
        if slide is not None and params["picture"] is not None:
            labelmap = replace(labelmap, geometry=laid_over(labelmap.geometry, Geometry.from_json(params["picture"]), one, slide))
        made.append((one, labelmap))
    if not made:
        raise ConversionError("\n".join(notes))
    task.raise_if_cancelled()
    documents: list[api.Segmentation] = [
        {
            **to_document(labelmap, save_arrays(labelmap, state.new_array_path)),
            "files": one.files,
            "series": "" if files else params["series"],
        }
        for one, labelmap in made
    ]
    return {"segmentations": documents, "warnings": notes}


@answers(api.SEGMENT_WINDOW)
def segment_window(state: EngineState, params: api.SegmentWindowParameters, task: Task) -> api.SegmentWindow:
    """The tiles in sight, of the size that fits."""
    from IDCBrowserLib.engine.slide_segmentations import window_of

    left, top, right, bottom = (float(value) for value in params["rect"])
    levels = window_of(state, params["series"], params["files"], params)
    if params["numbers"] is not None:
        levels = levels.of_segments(params["numbers"])
    found = levels.window((left, top, right, bottom), params["width"], params["height"], task)
    return {
        "layers": [save_array(state, layer) for layer in found.layers],
        "rect": list(found.rect),
        "rows": found.rows,
        "columns": found.columns,
        "warnings": list(found.notes),
    }


@answers(api.REFERENCED)
def referenced(state: EngineState, params: api.ReferencedParameters, task: Task) -> api.Referenced:
    """The slides of annotations."""
    from IDCBrowserLib.slide.annotations import referenced_series

    return {"series": list(referenced_series(params["file"]))}


@answers(api.ANNOTATIONS)
def annotated(state: EngineState, params: api.AnnotationsParameters, task: Task) -> api.Annotations:
    """Density map and outlines."""
    import numpy as np

    from IDCBrowserLib.dicom.dicom_file import open_dicom
    from IDCBrowserLib.slide.annotations import read_annotations
    from IDCBrowserLib.slide.levels import read_slide

    slide = read_slide(params["images"])
    # The level that was annotated, the largest, is rarely here: it is known from the index.
    found = read_annotations(params["file"], slide.levels, lambda uids: state.catalog().slide_sizes(uids))
    root = open_dicom(params["file"]).root
    density, geometry = found.density()
    spacing = np.asarray(found.image.spacing, np.float32)
    number, description = root.text(0x00200011), root.text(0x0008103E) or "Annotations"
    return {
        "groups": [{"name": name, "count": count} for name, count in zip(found.groups, found.counts, strict=True)],
        "density": save_array(state, density),
        "geometry": geometry.to_json(),
        "outlines": [save_array(state, values) for values in (found.points * spacing, found.starts, found.centers * spacing)],
        "image_geometry": found.image.geometry().to_json(),
        "highest": float(density.max(initial=0.0)),
        "name": f"{number}: {description}" if number else description,
        "series_uid": root.text(0x0020000E),
        "study_uid": root.text(0x0020000D),
        "patient_id": root.text(0x00100020),
        "patient_name": root.text(0x00100010),
        "series_number": number,
        "frame_of_reference_uid": found.image.frame_of_reference_uid,
        "warnings": list(found.warnings),
    }


def _picture(state: EngineState, level: SlideImage, most_pixels: int, task: Task, warnings: list[str]) -> api.Picture:
    from IDCBrowserLib.slide.tiles import Tiles

    tiles = Tiles(level)
    step = max(1, ceil(sqrt(level.pixels / most_pixels)))
    picture = tiles.region((0, level.rows), (0, level.columns), task, step)
    warnings += [*([tiles.note] if tiles.note else []), *_damage(level, tiles)]
    return {**save_array(state, picture[None]), "geometry": level.geometry(step).to_json()}


def _damage(level: SlideImage, tiles: Tiles) -> list[str]:
    if not tiles.damaged:
        return []
    return [
        f"{tiles.damaged} of {level.frames} tiles of {level.path} cannot be decoded ({tiles.reason}) and are shown in gray. Load the slide again."
    ]
