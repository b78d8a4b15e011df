"""Generated DICOM: CT and MR series without meaningful pixels, and SEG files of every kind drawn on them. Deterministic."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import highdicom as hd
import numpy as np
from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

ROOT = "1.2.826.0.1.3680043.8.498."
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)
OBLIQUE = (0.9396926, 0.3420202, 0.0, -0.2961981, 0.8137977, 0.5)


def uid(*numbers: int) -> str:
    """The same UID for the same numbers."""
    return ROOT + ".".join(str(number) for number in numbers)


def normal_of(orientation: Sequence[float]) -> np.ndarray:
    return np.cross(orientation[:3], orientation[3:])


def images(
    slices: int = 6,
    rows: int = 16,
    columns: int = 24,
    *,
    orientation: Sequence[float] = AXIAL,
    spacing: Sequence[float] = (0.8, 0.5),
    step: float = 2.5,
    origin: Sequence[float] = (-20.0, 10.0, 100.0),
    series: int = 1,
    positions: Sequence[float] | None = None,
) -> list[Dataset]:
    """A series of single-frame CT images; ``spacing`` is (rows, columns) in mm, ``positions`` are distances along the normal instead of ``step``."""
    places = positions if positions is not None else [step * number for number in range(slices)]
    return [_image(number, place, rows, columns, orientation, spacing, origin, series, step) for number, place in enumerate(places)]


def _image(number, place, rows, columns, orientation, spacing, origin, series, step) -> Dataset:
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.file_meta.MediaStorageSOPClassUID = CT_IMAGE
    image.file_meta.MediaStorageSOPInstanceUID = uid(series, 3, number + 1)
    image.SpecificCharacterSet = "ISO_IR 192"
    image.SOPClassUID = CT_IMAGE
    image.SOPInstanceUID = uid(series, 3, number + 1)
    image.StudyInstanceUID = uid(9, 1)
    image.SeriesInstanceUID = uid(series, 2)
    image.FrameOfReferenceUID = uid(9, 4)
    image.PositionReferenceIndicator = ""
    image.PatientID, image.PatientName, image.PatientBirthDate, image.PatientSex = "P-1", "Tést^Person", "", "O"
    image.StudyDate, image.StudyTime, image.StudyID, image.AccessionNumber = "20200101", "120000", "1", ""
    image.ReferringPhysicianName = ""
    image.Modality, image.Manufacturer = "CT", "None"
    image.SeriesNumber, image.InstanceNumber = series, number + 1
    image.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    image.Rows, image.Columns, image.PixelSpacing = rows, columns, list(spacing)
    image.SliceThickness = step
    image.ImageOrientationPatient = [f"{value:.7g}" for value in orientation]
    image.ImagePositionPatient = [f"{value:.8g}" for value in np.array(origin) + place * normal_of(orientation)]
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 16, 15, 0
    image.RescaleSlope, image.RescaleIntercept = 1, 0
    image.PixelData = bytes(rows * columns * 2)
    return image


def save_images(series: Iterable[Dataset], folder: Path) -> list[Path]:
    """One file per image."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, image in enumerate(series):
        paths.append(folder / f"image{number:04}.dcm")
        dcmwrite(paths[-1], image, enforce_file_format=True)
    return paths


def description(number: int, label: str = "", color: Sequence[int] | None = None) -> hd.seg.SegmentDescription:
    """A described segment; ``color`` is sRGB."""
    return hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=label or f"Part {number}",
        segmented_property_category=codes.SCT.Organ,
        segmented_property_type=codes.SCT.Liver if number % 2 else codes.SCT.Kidney,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_uid=uid(7, number),
        tracking_id=f"Track {number}",
        anatomic_regions=[codes.SCT.Abdomen] if number == 1 else None,
        display_color=hd.color.CIELabColor.from_rgb(*color) if color else None,
    )


def seg(
    source: Sequence[Dataset],
    array: np.ndarray,
    *,
    kind: str = "BINARY",
    numbers: Sequence[int] | None = None,
    transfer_syntax: str = ExplicitVRLittleEndian,
    colors: dict[int, Sequence[int]] | None = None,
    **options: object,
) -> Dataset:
    """A SEG made by highdicom. ``array`` is (slices, rows, columns) with labels 1..n, or (..., n) with one channel per segment."""
    count = array.shape[3] if array.ndim == 4 else int(array.max())
    numbers = list(numbers or range(1, count + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = hd.seg.Segmentation(
            source_images=list(source),
            pixel_array=array,
            segmentation_type=kind,
            segment_descriptions=[description(position + 1, f"Part {number}", (colors or {}).get(number)) for position, number in enumerate(numbers)],
            series_instance_uid=uid(5, 2),
            series_number=5,
            sop_instance_uid=uid(5, 3),
            instance_number=1,
            manufacturer="None",
            manufacturer_model_name="None",
            software_versions="1",
            device_serial_number="1",
            series_description="Test segmentation",
            transfer_syntax_uid=transfer_syntax,
            **options,
        )
    return renumbered(made, dict(enumerate(numbers, start=1)))


def renumbered(made: Dataset, numbers: dict[int, int]) -> Dataset:
    """Other segment numbers (BINARY and FRACTIONAL only)."""
    if all(old == new for old, new in numbers.items()):
        return made
    for item in made.SegmentSequence:
        item.SegmentNumber = numbers[item.SegmentNumber]
    for frame in made.PerFrameFunctionalGroupsSequence:
        identification = frame.SegmentIdentificationSequence[0]
        identification.ReferencedSegmentNumber = numbers[identification.ReferencedSegmentNumber]
    return made


def plain(made: Dataset) -> Dataset:
    """An ordinary, editable copy of what highdicom made."""
    copied = Dataset()
    copied.update(copy.deepcopy({element.tag: element for element in made}))
    copied.file_meta = copy.deepcopy(made.file_meta)
    return copied


def frame_arrays(made: Dataset) -> list[np.ndarray]:
    """The stored frames, uncompressed, 1-bit ones as 0 and 1."""
    rows, columns, count = made.Rows, made.Columns, int(made.NumberOfFrames)
    if made.BitsAllocated == 1:
        bits = np.unpackbits(np.frombuffer(made.PixelData, np.uint8), bitorder="little")[: rows * columns * count]
        return list(bits.reshape(count, rows, columns))
    data = np.frombuffer(made.PixelData, np.uint8 if made.BitsAllocated == 8 else np.uint16)
    return list(data[: rows * columns * count].reshape(count, rows, columns))


def with_frames(made: Dataset, order: Sequence[int], shift: dict[int, Sequence[float]] | None = None) -> Dataset:
    """Only the frames of ``order``, in that order (repeats allowed); ``shift`` moves frames of the result, mm."""
    arrays, copied = frame_arrays(made), plain(made)
    copied.PerFrameFunctionalGroupsSequence = [copy.deepcopy(made.PerFrameFunctionalGroupsSequence[number]) for number in order]
    for number, offset in (shift or {}).items():
        plane = copied.PerFrameFunctionalGroupsSequence[number].PlanePositionSequence[0]
        plane.ImagePositionPatient = [f"{a + b:.8g}" for a, b in zip(plane.ImagePositionPatient, offset, strict=True)]
    copied.NumberOfFrames = len(order)
    set_frames(copied, [arrays[number] for number in order])
    return copied


def set_frames(made: Dataset, arrays: Sequence[np.ndarray]) -> None:
    """Replace the native pixel data."""
    flat = np.concatenate([array.reshape(-1) for array in arrays])
    data = np.packbits(flat.astype(np.uint8), bitorder="little").tobytes() if made.BitsAllocated == 1 else flat.tobytes()
    made.PixelData = data + bytes(len(data) % 2)


def in_jpeg_2000(made: Dataset) -> Dataset:
    """With frames in JPEG 2000; 1-bit frames keep one bit of precision."""
    from openjpeg.utils import encode_array
    from pydicom.encaps import encapsulate

    copied = plain(made)
    frames = [encode_array(np.ascontiguousarray(frame), bits_stored=made.BitsAllocated, photometric_interpretation=2) for frame in frame_arrays(made)]
    copied.PixelData = encapsulate([bytes(frame) for frame in frames])
    copied["PixelData"].VR = "OB"
    copied["PixelData"].is_undefined_length = True
    copied.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    return copied


def save(made: Dataset, path: Path) -> Path:
    """Write as the transfer syntax of its file meta says; deflated and implicit included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dcmwrite(path, made, enforce_file_format=True)
    return path


def save_as(made: Dataset, path: Path, transfer_syntax: str) -> Path:
    """Write native pixel data in another native transfer syntax."""
    copied = plain(made)
    copied.file_meta.TransferSyntaxUID = transfer_syntax
    if transfer_syntax == "1.2.840.10008.1.2.2":
        copied["PixelData"].VR = "OW"
        data = np.frombuffer(copied.PixelData, np.uint16)
        copied.PixelData = data.byteswap().tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcmwrite(path, copied, enforce_file_format=True)
    return path


def labels(slices: int = 6, rows: int = 16, columns: int = 24, count: int = 3, seed: int = 0) -> np.ndarray:
    """A label array of boxes, each slice of a segment not empty."""
    random = np.random.default_rng(seed)
    array = np.zeros((slices, rows, columns), np.uint16 if count > 255 else np.uint8)
    for number in range(1, count + 1):
        k, j, i = (int(random.integers(0, max(1, size - 3))) for size in array.shape)
        array[k : k + 3, j : j + 4, i : i + 5] = number
    return array


def channels(slices: int = 6, rows: int = 16, columns: int = 24, count: int = 3, seed: int = 0, density: float = 0.3) -> np.ndarray:
    """(slices, rows, columns, n) of 0 and 1 that overlap."""
    random = np.random.default_rng(seed)
    return (random.random((slices, rows, columns, count)) < density).astype(np.uint8)
