"""Volumes, labelmaps and contours of a made-up patient as files, behind the engine's methods."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from helpers.answer import Handlers, answer
from helpers.fake_dose import dose_handlers
from helpers.made_volumes import AXIAL, image, labelmap
from helpers.slide_files import slide_handlers
from IDCBrowserLib.api import catalog, compare, export, registration, segments, surface, volume
from IDCBrowserLib.api import labelmap as api
from IDCBrowserLib.dicom.sop_classes import CT_IMAGE
from IDCBrowserLib.errors import ConversionError, PhasesError
from IDCBrowserLib.labelmap.files.raw import save_arrays, to_document
from IDCBrowserLib.labelmap.rtstruct.contour_lines import ContourLines, DrawnRoi, save_lines
from IDCBrowserLib.labelmap.types import Labelmap
from IDCBrowserLib.volume.geometry import Geometry

CT = "1.2.3.5"


class FakeImages:
    """Tests change what is answered: ``volumes`` (name, geometry) of the series, ``drawn`` files that are segmentations, ``described`` and
    ``labelmap`` of such a one, ``lines`` of its contours, ``memory`` that it takes. Files go into ``folder``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.labelmap = labelmap()
        # On further grids, where segments are chosen.
        self.further_parts: list[Labelmap] = []
        self.volumes: list[tuple[str, Geometry]] = [("3: CT axial", AXIAL)]
        self.drawn = ["/seg/1.dcm", "/seg/2.dcm"]
        self.memory: volume.Memory = {"bytes": 1000, "available_bytes": 10_000}
        square = np.array([(0, 0, 2), (9, 0, 2), (9, 9, 2)], np.float32)
        self.lines = ContourLines(square, np.array([(0, 0, 3)], np.int32), (DrawnRoi(2, "Tumor", (0, 255, 0)),))
        self.described: api.Described = {
            "kind": "SEG",
            "segments": [segment.to_json() for segment in self.labelmap.segments],
            "referenced_series_uids": [CT],
            "frame_of_reference_uid": "1.2.7",
            "source": self.labelmap.source.to_json(),
            "warnings": [],
            "images_needed": False,
            "on_slide": False,
        }
        # What the index has, by SeriesInstanceUID.
        self.known: dict[str, catalog.Provenance] = {}
        # Whether Slicer's own reader would make the same of the images, and why their voxels cannot be read.
        self.is_plain = True
        self.has_phases = False
        self.plain_windows: list[tuple[float, float]] = [(40.0, 400.0), (-600.0, 1500.0)]
        self.cannot_fill = ""
        self._number = 0

    def handlers(self) -> Handlers:
        """For ``FakeEngine``."""
        return {
            **answer(volume.READ, self.read),
            **dose_handlers(),
            **slide_handlers(self.folder),
            **answer(volume.PLAIN, self.plain),
            **answer(volume.FILL, self.fill),
            **answer(surface.READ, lambda _params: {"surfaces": []}),
            **answer(registration.READ, lambda _params: {"transforms": [], "warnings": []}),
            **answer(volume.MEMORY, lambda _params: self.memory),
            **answer(api.DESCRIBE, lambda _params: self.described),
            **answer(api.DRAWN, lambda params: {"files": [file for file in params["files"] if file in self.drawn]}),
            **answer(api.CONVERT, self.convert),
            **answer(api.LABELS, lambda _params: to_document(self.labelmap, save_arrays(self.labelmap, self.new_path))),
            **answer(api.CONTOURS, self.contours),
            **answer(segments.LOAD, self.chosen),
            **answer(compare.COMPARE, self.compare),
            **answer(export.EXPORT, self.export),
            **answer(export.PACKAGE, self.package),
            **answer(catalog.PROVENANCE, self.provenance),
        }

    def chosen(self, params: segments.ChosenParameters) -> segments.ChosenSegments:
        """The segments of the labelmap that were asked for."""
        kept = tuple(one for one in self.labelmap.segments if one.number in params["numbers"])
        document = self.document(*(replace(part, segments=kept) for part in (self.labelmap, *self.further_parts)))
        return {**document, "bytes_read": 5_000_000, "bytes": 90_000_000}

    def compare(self, params: compare.CompareParameters) -> compare.Compared:
        """Nothing in common; the consensus is the labelmap."""
        comparison: compare.Comparison = {"pairs": [], "totals": [], "unmatched": [], "notes": []}
        wanted = to_document(self.labelmap, save_arrays(self.labelmap, self.new_path)) if params.get("consensus") else None
        return {"comparison": comparison, "agreement": None, "consensus": wanted}

    def package(self, params: export.ExportParameters) -> export.Packaged:
        """As if every voxel had been read back."""
        segments: list[export.ReadBack] = [{"number": 1, "name": "Liver", "voxels": 1000, "different_voxels": 0}]
        return {
            "path": params["out"],
            "files": ["segmentation.dcm"],
            "validation": {"segments": segments, "measurements": 6, "checks": []},
            "warnings": [],
        }

    def export(self, params: export.ReportedExportParameters) -> export.Exported:
        """As if it had been written, with the measurements that were asked for."""
        report: export.WrittenReport | None = None
        if params["report"]:
            report = {"path": params["report"], "sop_class_uid": "1.3", "sop_instance_uid": "1.3.1", "series_uid": "1.3", "measurements": 6}
        return {
            "path": params["out"],
            "report": report,
            "sop_instance_uid": "1.2.1",
            "series_uid": "1.2",
            "referenced_series_uid": CT,
            "warnings": [],
        }

    def new_path(self) -> Path:
        """For the next file."""
        self._number += 1
        return self.folder / f"{self._number}.raw"

    def read(self, params: volume.ReadParameters) -> volume.Volume:
        grid, path = params.get("grid", 0), self.new_path()
        image().tofile(path)
        described = [self._describe(number) for number in range(len(self.volumes))]
        return {
            **described[grid],
            "array": str(path),
            "dtype": "int16",
            "window": (40, 400),
            "inverted": False,
            "quantity": "Attenuation Coefficient",
            "unit": "HU",
            "short": "",
            "kind": "",
            "quantity_code": None,
            "unit_code": None,
            "warnings": [],
            "instances": [f"{CT}.{k}" for k in range(described[grid]["shape"][0])],
            "context": {"StudyDescription": "Abdomen", "StudyDate": "20200131"},
            "drawn": [file for file in params["files"] if file in self.drawn],
            "isodoses": [],
            "frames_per_second": None,
            "windows": [],
            "others": [item for item in described if item["grid"] != grid],
        }

    def plain(self, params: volume.PlainParameters) -> volume.Plain:
        """Zeros until they are filled."""
        if self.has_phases:
            raise PhasesError("The series is not loaded as one plain volume: it has 3 phases.")
        if not self.is_plain:
            raise ConversionError("The series is not loaded as one plain volume: its slices are uneven.")
        path = self.new_path()
        np.zeros_like(image()).tofile(path)
        return {
            **self._describe(0),
            "array": str(path),
            "dtype": "int16",
            "sop_class": CT_IMAGE,
            "windows": list(self.plain_windows),
            "instances": [f"{CT}.{k}" for k in range(AXIAL.shape[0])],
            "instance_numbers": [k + 1 for k in range(AXIAL.shape[0])],
            "context": {"StudyDescription": "Abdomen", "StudyDate": "20200131"},
        }

    def fill(self, params: volume.FillParameters) -> volume.Filled:
        """All at once."""
        if self.cannot_fill:
            raise ConversionError(self.cannot_fill)
        with open(params["array"], "r+b") as file:
            file.write(image().tobytes())
        return {"slices": AXIAL.shape[0]}

    def convert(self, _params: api.ConvertParameters) -> api.Labelmap:
        return self.document(self.labelmap)

    def document(self, *made: Labelmap) -> api.Labelmap:
        """Labelmaps of one object."""
        first, *others = [to_document(part, save_arrays(part, self.new_path)) for part in made]
        return {**first, "others": others, "seconds": 0.1}

    def contours(self, _params: api.ContoursParameters) -> api.Contours:
        return save_lines(self.lines, self.new_path)

    def provenance(self, params: catalog.ProvenanceParameters) -> catalog.Provenances:
        return {"series": [self.known[uid] for item in params["series"] if (uid := item["SeriesInstanceUID"]) in self.known]}

    def _describe(self, grid: int) -> volume.Description:
        name, geometry = self.volumes[grid]
        return {
            "grid": grid,
            "label": name.partition("[")[2].rstrip("]"),
            "color": False,
            "placed": True,
            "name": name,
            "shape": list(geometry.shape),
            "geometry": geometry.to_json(),
            "modality": "CT",
            "series_uid": CT,
            "study_uid": "1.2.3",
            "patient_id": "P1",
            "patient_name": "Doe^Jane",
            "series_description": "CT axial",
            "series_number": "3",
            "frame_of_reference_uid": "1.2.7",
        }
