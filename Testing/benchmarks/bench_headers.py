"""Reading headers in process, against pydicom over the same files: an image for the import and for its place, a SEG of 1,000 frames, an RTSTRUCT.

Times are those of the processor, the median of many readings each, in turn with pydicom's. Run: python Testing/benchmarks/bench_headers.py
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, SegmentationStorage

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers.dicom_files import write_series
from helpers.rtstruct_files import C, R, structure_set, write

from IDCBrowserLib.labelmap.rtstruct.read import read_structure_set
from IDCBrowserLib.labelmap.seg.frames import read_frames
from IDCBrowserLib.labelmap.seg.header import open_seg
from IDCBrowserLib.store.header import read_header
from IDCBrowserLib.volume.image_header import open_image_header

FRAMES, SEGMENTS = 1000, 10
CONTOURS, POINTS = 560, 200


def main() -> None:
    """Print milliseconds and ratios."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (image,) = write_series(folder / "ct", series=1, slices=1, pixels=256)
        segs = [write_seg(folder / f"seg{undefined}.dcm", undefined) for undefined in (False, True)]
        structures = write_structures(folder / "rs.dcm")
        print(f"{'':58}{'ours':>9}{'pydicom':>10}{'ratio':>8}   target")
        tell("CT header, for the import", 300, lambda: read_header(str(image)), lambda: header(image), 5)
        tell("CT header, for its place", 300, lambda: open_image_header(image).get("ImagePositionPatient"), lambda: header(image), 5)
        for path, name in zip(segs, ("defined", "undefined"), strict=True):
            tell(f"SEG of {FRAMES} frames, {name} lengths, all places", 9, lambda path=path: seg_frames(path), lambda path=path: seg_places(path), 6)
        size = structures.stat().st_size / 1e6
        tell(f"RTSTRUCT of {size:.1f} MB, described", 9, lambda: read_structure_set(structures, with_contours=False), lambda: kinds(structures), 4)
        tell(f"RTSTRUCT of {size:.1f} MB, all points", 9, lambda: read_structure_set(structures), lambda: points(structures), 6)


def tell(what: str, count: int, ours: Callable[[], object], theirs: Callable[[], object], target: float) -> None:
    """One line: both medians, and how many times quicker ours is."""
    ours(), theirs()
    own, other = [], []
    for _ in range(count):
        own.append(seconds(ours))
        other.append(seconds(theirs))
    mine, peer = statistics.median(own), statistics.median(other)
    print(f"{what:58}{mine * 1e3:6.3f} ms{peer * 1e3:7.2f} ms{peer / mine:7.1f}x   >= {target:g}x")


def seconds(work: Callable[[], object]) -> float:
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


def header(path: Path) -> Dataset:
    return pydicom.dcmread(path, stop_before_pixels=True)


def seg_frames(path: Path) -> object:
    seg = open_seg(path)
    return read_frames(seg.root, False)


def seg_places(path: Path) -> list[object]:
    groups = header(path).PerFrameFunctionalGroupsSequence
    return [(g.PlanePositionSequence[0].ImagePositionPatient, g.SegmentIdentificationSequence[0].ReferencedSegmentNumber) for g in groups]


def kinds(path: Path) -> list[object]:
    return [[contour.ContourGeometricType for contour in roi.ContourSequence] for roi in header(path).ROIContourSequence]


def points(path: Path) -> list[object]:
    return [[float(value) for value in contour.ContourData] for roi in header(path).ROIContourSequence for contour in roi.ContourSequence]


def of(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def write_seg(path: Path, undefined: bool) -> Path:
    """Frames with derivation, content, place and segment, as converters write them."""
    code = of(CodeValue="121322", CodingSchemeDesignator="DCM", CodeMeaning="Source image")
    segments = [
        of(SegmentNumber=n, SegmentLabel=f"S{n}", SegmentAlgorithmType="MANUAL", SegmentedPropertyCategoryCodeSequence=Sequence([code]))
        for n in range(1, SEGMENTS + 1)
    ]
    shared = of(
        PixelMeasuresSequence=Sequence([of(PixelSpacing=[1, 1], SliceThickness=1)]),
        PlaneOrientationSequence=Sequence([of(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]),
    )
    dataset = of(SOPClassUID=SegmentationStorage, SOPInstanceUID="1.2.3", SeriesInstanceUID="1.2.4", StudyInstanceUID="1.2.5", Modality="SEG")
    dataset.NumberOfFrames, dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.BitsAllocated = FRAMES, 64, 64, 1, 1
    dataset.SegmentationType = "BINARY"
    dataset.SegmentSequence, dataset.SharedFunctionalGroupsSequence = Sequence(segments), Sequence([shared])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([frame(number, code) for number in range(FRAMES)])
    dataset.PixelData = bytes(64 * 64 * FRAMES // 8)
    if undefined:
        undefine(dataset)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = SegmentationStorage, "1.2.3"
    pydicom.dcmwrite(path, dataset, enforce_file_format=True)
    return path


def frame(number: int, code: Dataset) -> Dataset:
    source = of(ReferencedSOPInstanceUID=f"1.2.3.4.{number % 100}", PurposeOfReferenceCodeSequence=Sequence([code]))
    return of(
        DerivationImageSequence=Sequence([of(SourceImageSequence=Sequence([source]), DerivationCodeSequence=Sequence([code]))]),
        FrameContentSequence=Sequence([of(DimensionIndexValues=[number // 100 + 1, number % 100 + 1])]),
        PlanePositionSequence=Sequence([of(ImagePositionPatient=[0, 0, number % 100])]),
        SegmentIdentificationSequence=Sequence([of(ReferencedSegmentNumber=number // 100 + 1)]),
    )


def undefine(dataset: Dataset) -> None:
    for element in dataset:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                undefine(item)


def write_structures(path: Path) -> Path:
    text = "\\".join(f"{n * 0.3781 - 40:.4f}\\{n * 0.1172 + 3:.4f}\\{12.5:.2f}" for n in range(POINTS))
    rois = [R(n, [C(data=text, image=f"1.2.3.{n}.{k}", stated=POINTS) for k in range(CONTOURS // 10)], f"ROI {n}") for n in range(1, 11)]
    return write(structure_set(rois), path)


if __name__ == "__main__":
    main()
