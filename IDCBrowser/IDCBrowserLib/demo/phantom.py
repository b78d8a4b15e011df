"""The phantom patient: an abdomen as CT and oblique MR with segmentations, the same bytes every time, under 10 MB.

::

    series = phantom.write(folder)          # folder/<crdc_series_uuid>/<instance_uuid>.dcm, as IDC's buckets are laid out
    with bucket.serve(folder) as url: ...
    catalog_rows.write(path, series)
    phantom.truth(folder)["seg_binary"]     # {"segments": [{"number", "name", "voxels"}], "overlapping_voxels": n}

The series, by key: ``ct``, ``seg_binary`` (six segments, the tumor overlaps the liver), ``seg_labelmap`` (LABELMAP, seven organs), ``rtstruct``
(keyhole, XOR hole, islands, a point) in one study, ``mr`` (double oblique) and ``mr_seg`` in another.
``objects`` makes further kinds of the same patient.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from IDCBrowserLib.demo import made_folder
from IDCBrowserLib.demo.identity import CONTENT_VERSION
from IDCBrowserLib.demo.made_folder import MadeSeries, PhantomSeries
from IDCBrowserLib.task import Task


def write(folder: str | Path, task: Task | None = None) -> list[PhantomSeries]:
    """Make the phantom in ``folder``, or find it there already (of this version): whole or not at all.

    Raises ``OSError`` when the folder cannot be written and ``CancelledError``.
    """
    makers = (_ct, _mr, _segmentations, _mr_segmentation, _structure_set)
    return made_folder.write(Path(folder), CONTENT_VERSION, makers, task or Task(), "Making the phantom patient")


def read(folder: str | Path) -> list[PhantomSeries]:
    """The series that ``write`` left in ``folder``."""
    return made_folder.read(Path(folder))


def truth(folder: str | Path) -> dict[str, Any]:
    """By key of the series: ``{"segments": [{"number", "name", "voxels"}], "overlapping_voxels"}``; see ``truth.py``."""
    return made_folder.truth(Path(folder))


def _ct() -> dict[str, MadeSeries]:
    from IDCBrowserLib.demo import images, tissue

    return {"ct": MadeSeries(images.ct_objects(tissue.ct_volume(images.CT.grid)))}


def _mr() -> dict[str, MadeSeries]:
    from IDCBrowserLib.demo import images, tissue

    return {"mr": MadeSeries(images.mr_objects(tissue.mr_volume(images.MR.grid)))}


def _segmentations() -> dict[str, MadeSeries]:
    from IDCBrowserLib.demo import images, structures
    from IDCBrowserLib.demo import truth as counted
    from IDCBrowserLib.demo.dicom_file import SeriesHead
    from IDCBrowserLib.demo.segmentation import binary_seg, labelmap_seg

    ct = images.CT
    overlapping, organs = structures.overlapping_segments(ct.grid), structures.organ_segments(ct.grid)
    binary = binary_seg(ct, overlapping, SeriesHead("seg_binary", ct.study, "SEG", 1001, "Organs and tumor (overlapping segments)"))
    labelmap = labelmap_seg(ct, organs, SeriesHead("seg_labelmap", ct.study, "SEG", 1002, "Organs (label map)"))
    return {
        "seg_binary": MadeSeries([binary], counted.of_segments(overlapping)),
        "seg_labelmap": MadeSeries([labelmap], counted.of_segments(organs)),
    }


def _mr_segmentation() -> dict[str, MadeSeries]:
    from IDCBrowserLib.demo import images, structures
    from IDCBrowserLib.demo import truth as counted
    from IDCBrowserLib.demo.dicom_file import SeriesHead
    from IDCBrowserLib.demo.segmentation import binary_seg

    mr = images.MR
    on_mr = structures.mr_segments(mr.grid)
    seg = binary_seg(mr, on_mr, SeriesHead("mr_seg", mr.study, "SEG", 1001, "Cyst, vertebra and cord"))
    return {"mr_seg": MadeSeries([seg], counted.of_segments(on_mr))}


def _structure_set() -> dict[str, MadeSeries]:
    from IDCBrowserLib.demo import images, structures
    from IDCBrowserLib.demo import truth as counted
    from IDCBrowserLib.demo.dicom_file import SeriesHead
    from IDCBrowserLib.demo.rtstruct import structure_set

    ct = images.CT
    rois = structures.rois(ct.grid)
    drawn = structure_set(ct, rois, SeriesHead("rtstruct", ct.study, "RTSTRUCT", 1003, "Planning contours"))
    return {"rtstruct": MadeSeries([drawn], counted.of_rois(rois, ct.grid))}
