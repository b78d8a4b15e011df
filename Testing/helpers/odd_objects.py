"""One small DICOM object of every kind, and the same with one value missing or absurd."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element, write_file_meta_info
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from helpers import made_reports as made

STORAGE = "1.2.840.10008.5.1.4.1.1."
_TEXT = {"LO", "SH", "CS", "UI", "DA", "TM", "DT", "PN", "LT", "ST", "UT", "UC", "AS", "AE"}
_WHOLE = {"US": 2, "SS": 2, "UL": 4, "SL": 4}
_REAL = {"FD": 8, "FL": 4}
# By what they are, as bytes that a file may hold; None: the element is missing.
_ABSURD: Mapping[str, dict[str, bytes | None]] = {
    "number": {
        "missing": None,
        "empty": b"",
        "negative": b"-5",
        "zero": b"0 ",
        "a word": b"many",
        "thousands of digits": b"9" * 5000,
        "beyond a float": b"1e400 ",
        "not a number": b"nan ",
        "a fraction of many digits": b"0." + b"3" * 4000,
    },
    "text": {"missing": None, "empty": b"", "a page": b"word " * 2000, "control characters": b"a\nb\tc\x07\x1b[31m", "backslashes": b"\\\\\\\\"},
    "whole": {"missing": None, "empty": b"", "zero": b"\0", "largest": b"\xff"},
    "real": {"missing": None, "empty": b"", "zero": b"\0", "not a number": b"\xff", "largest": b"\xff\xff\xff\xff\xff\xff\xef\x7f"},
    "sequence": {"missing": None, "empty": b""},
}


def item(**values: Any) -> Dataset:
    """A data set or an item of a sequence."""
    made_item = Dataset()
    for keyword, value in values.items():
        setattr(made_item, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return made_item


def _object(sop_class: str, **values: Any) -> Dataset:
    head = {"SOPInstanceUID": "1.2.3.4", "StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.2.3", "Modality": "OT", "PatientID": "P1"}
    return item(SOPClassUID=f"{STORAGE}{sop_class}", **head, SeriesDescription="A series", **values)


def _code(value: str, meaning: str) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator="99TEST", CodeMeaning=meaning)


def objects() -> Iterator[tuple[str, Dataset]]:
    """Name and data set of one object of each kind, with everything that its card tells."""
    image = {
        "Rows": 4, "Columns": 6, "NumberOfFrames": "3", "FrameTime": "40", "ImageType": ["ORIGINAL", "PRIMARY"], "PixelSpacing": ["0.5", "0.5"],
        "PhotometricInterpretation": "MONOCHROME2", "SliceThickness": "2", "ImagePositionPatient": ["1", "2", "3"],
        "ImageOrientationPatient": ["1", "0", "0", "0", "1", "0"], "BodyPartExamined": "CHEST", "ManufacturerModelName": "Scanner",
    }  # fmt: skip
    yield "image", _object("2", **image)
    yield "ultrasound", _object("3.1", **image)
    yield "slide", _object("77.1.6", **image, TotalPixelMatrixRows=400, TotalPixelMatrixColumns=600)
    yield "PET", _object("128", **image, Units="BQML", CorrectedImage=["ATTN", "DECY"])
    yield "video", _object("77.1.4.1", **image, CineRate="25")
    mapping = item(
        LUTLabel="ADC", LUTExplanation="Diffusion", RealWorldValueSlope=0.5, RealWorldValueIntercept=-2.0,
        MeasurementUnitsCodeSequence=[_code("um2/s", "um2/s")],
        QuantityDefinitionSequence=[item(ConceptNameCodeSequence=[_code("246205007", "Quantity")], ConceptCodeSequence=[_code("113041", "ADC")])],
    )  # fmt: skip
    shared = item(RealWorldValueMappingSequence=[mapping])
    yield "map", _object("30", Rows=4, Columns=6, NumberOfFrames="3", SharedFunctionalGroupsSequence=[shared])
    rows = [item(ReferencedImageSequence=_references(2), RealWorldValueMappingSequence=[mapping])]
    yield "value map", _object("67", ContentDescription="ADC", ReferencedImageRealWorldValueMappingSequence=rows)
    point = item(NominalBeamEnergy="6", GantryAngle="90", IsocenterPosition=["1.5", "-20", "300"])
    target = item(DoseReferenceType="TARGET", DoseReferenceDescription="PTV", TargetPrescriptionDose="50.4", TargetMaximumDose="55")
    target.ReferencedROINumber = "3"
    yield "plan", _object(
        "481.5", RTPlanLabel="Boost", RTPlanName="B", RTPlanDescription="d", RTPlanDate="20200101", PlanIntent="CURATIVE",
        PrescriptionDescription="50 Gy", ApprovalStatus="APPROVED", DoseReferenceSequence=[target],
        FractionGroupSequence=[item(NumberOfFractionsPlanned="28", ReferencedBeamSequence=[item(ReferencedBeamNumber="1", BeamDose="1.8")])],
        BeamSequence=[item(BeamNumber="1", BeamName="AP", RadiationType="PHOTON", TreatmentMachineName="L", ControlPointSequence=[point])],
    )  # fmt: skip
    yield "dose", _object(
        "481.2", Rows=4, Columns=6, NumberOfFrames="3", DoseUnits="GY", DoseType="PHYSICAL", DoseSummationType="PLAN", DoseGridScaling="0.001",
        DVHSequence=[item(DVHType="CUMULATIVE")], ReferencedRTPlanSequence=_references(1),
    )  # fmt: skip
    matrix = item(FrameOfReferenceTransformationMatrixType="RIGID")
    matrix.FrameOfReferenceTransformationMatrix = [1, 0, 0, 5, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    moved = item(FrameOfReferenceUID="1.9.2", ReferencedImageSequence=_references(1))
    moved.MatrixRegistrationSequence = Sequence([item(MatrixSequence=[matrix])])
    yield "registration", _object("66.1", FrameOfReferenceUID="1.9.1", RegistrationSequence=[moved, item(FrameOfReferenceUID="1.9.1")])
    grid = item(GridDimensions=[2, 2, 2])
    yield "deformable registration", _object(
        "66.3", FrameOfReferenceUID="1.9.1",
        DeformableRegistrationSequence=[item(SourceFrameOfReferenceUID="1.9.2", DeformableRegistrationGridSequence=[grid])],
    )  # fmt: skip
    window = item(WindowCenter="40", WindowWidth="400", WindowCenterWidthExplanation="SOFT TISSUE")
    drawn = item(TextObjectSequence=[item(UnformattedTextValue="here")], GraphicObjectSequence=[item(GraphicType="POLYLINE")])
    yield "presentation", _object(
        "11.1", ContentLabel="A", ContentDescription="B", ContentCreatorName="C^D", SoftcopyVOILUTSequence=[window],
        GraphicAnnotationSequence=[drawn], ImageRotation=90, ImageHorizontalFlip="Y",
        ReferencedSeriesSequence=[item(SeriesInstanceUID="1.7", ReferencedImageSequence=_references(2))],
    )  # fmt: skip
    group = item(AnnotationGroupLabel="Nuclei", GraphicType="POINT", NumberOfAnnotations=12)
    yield (
        "annotations",
        _object("91.1", AnnotationGroupSequence=[group, item(AnnotationGroupLabel="B", GraphicType="POLYGON", NumberOfAnnotations=1)]),
    )
    channel = item(ChannelLabel="Lead I", ChannelSensitivity="2.5", ChannelSensitivityUnitsSequence=[_code("uV", "microvolt")])
    wave = item(NumberOfWaveformChannels=1, NumberOfWaveformSamples=500, SamplingFrequency="500", MultiplexGroupLabel="RHYTHM")
    wave.ChannelDefinitionSequence = Sequence([channel])
    yield "waveform", _object("9.1.1", WaveformSequence=[wave])
    yield "document", _object("104.1", DocumentTitle="Letter", MIMETypeOfEncapsulatedDocument="application/pdf", EncapsulatedDocument=b"%PDF-1.4 a")
    named = item(SegmentNumber=1, SegmentLabel="Liver", SegmentAlgorithmType="AUTOMATIC", SegmentAlgorithmName="Net")
    named.SegmentedPropertyCategoryCodeSequence = Sequence([_code("1", "Organ")])
    named.SegmentedPropertyTypeCodeSequence = Sequence([_code("2", "Liver")])
    yield "segmentation", _object("66.4", Rows=4, Columns=6, NumberOfFrames="1", SegmentationType="BINARY", SegmentSequence=[named])
    roi = item(ROINumber="1", ROIName="Liver", ReferencedFrameOfReferenceUID="1.9", ROIGenerationAlgorithm="MANUAL")
    seen = item(ObservationNumber="1", ReferencedROINumber="1", RTROIInterpretedType="ORGAN", ROIInterpreter="")
    yield "structures", _object("481.3", StructureSetLabel="S", StructureSetROISequence=[roi], RTROIObservationsSequence=[seen])
    size = made.number(made.code("length", meaning="Length"), "12.5")
    yield "report", made.measurement_report([made.group([size], "Lesion", "1.4")], {"1.7.1": "1.7"})
    key = made.measurement_report([], {"1.7.1": "1.7"})
    key.SOPClassUID, key.ConceptNameCodeSequence = f"{STORAGE}88.59", Sequence([made.code("113000", "DCM", "Of Interest")])
    key.ContentSequence = Sequence([made.text(made.code("113012", "DCM", "Description"), "compare"), made.image(made.CT_CLASS, "1.7.1", frames=[2])])
    yield "key objects", key
    yield "other", _object("999.1")


def _references(number: int) -> list[Dataset]:
    return [item(ReferencedSOPClassUID=made.CT_CLASS, ReferencedSOPInstanceUID=f"1.7.{index}") for index in range(number)]


def oddities(dataset: Dataset) -> Iterator[tuple[str, bytes]]:
    """What is odd, and the file: each element in turn (but the SOP class) missing and with each absurd value of its kind."""
    for path in list(_paths(dataset)):
        holder = _holder(dataset, path)
        tag = path[-1]
        element = holder[tag]
        for name, value in _values(element.VR).items():
            if tag != 0x00080016:
                yield f"{element.keyword} {name}", as_file(dataset, Odd(holder, tag, value))


def _values(vr: str) -> dict[str, bytes | None]:
    if vr in ("IS", "DS"):
        return {name: value if value is None or len(value) % 2 == 0 else value + b" " for name, value in _ABSURD["number"].items()}
    if vr in _TEXT:
        return {name: value if value is None or len(value) % 2 == 0 else value + b" " for name, value in _ABSURD["text"].items()}
    if vr in _WHOLE:
        return {name: value if not value else value * _WHOLE[vr] for name, value in _ABSURD["whole"].items()}
    if vr in _REAL:
        return {name: value if not value else (value * 8)[: _REAL[vr]] for name, value in _ABSURD["real"].items()}
    return _ABSURD["sequence"] if vr == "SQ" else {"missing": None}


def _paths(dataset: Dataset, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for element in list(dataset):
        yield (*above, element.tag)
        if element.VR == "SQ":
            for number, inner in enumerate(element.value):
                yield from _paths(inner, (*above, element.tag, number))


def _holder(dataset: Dataset, path: tuple[Any, ...]) -> Dataset:
    holder = dataset
    for tag, number in zip(path[:-1:2], path[1:-1:2], strict=True):
        holder = holder[tag].value[number]
    return holder


class Odd(NamedTuple):
    """The bytes of one element, whatever they are; None: it is left out."""

    holder: Dataset
    tag: int
    value: bytes | None


def as_file(dataset: Dataset, odd: Odd | None = None) -> bytes:
    """Explicit little endian, sequences and items with their lengths."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = dataset.SOPClassUID, "1.2.3.4", ExplicitVRLittleEndian
    meta.ImplementationClassUID = "1.2.3"
    head = DicomBytesIO()
    write_file_meta_info(head, meta)
    return b"\0" * 128 + b"DICM" + head.getvalue() + encoded(dataset, odd)


def encoded(dataset: Dataset, odd: Odd | None = None) -> bytes:
    """Its elements alone."""
    return b"".join(_element(dataset, element, odd) for element in dataset)


def _element(holder: Dataset, element: DataElement, odd: Odd | None) -> bytes:
    if odd is not None and odd.holder is holder and odd.tag == element.tag:
        return b"" if odd.value is None else _with_header(element, odd.value)
    if element.VR == "SQ":
        items = [encoded(inner, odd) for inner in element.value]
        return _with_header(element, b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner for inner in items))
    out = DicomBytesIO()
    out.is_little_endian, out.is_implicit_VR = True, False
    write_data_element(out, element)
    return out.getvalue()


def _with_header(element: DataElement, value: bytes) -> bytes:
    long = element.VR in EXPLICIT_VR_LENGTH_32
    form = f"<HH2s{'2xI' if long else 'H'}"
    return struct.pack(form, element.tag.group, element.tag.element, element.VR.encode(), len(value)) + value
