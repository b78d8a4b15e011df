"""Every kind of object is told as what it is."""

import struct
from pathlib import Path
from typing import Any

import pytest
from helpers import made_reports as made
from helpers.real_data import real_data
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from IDCBrowserLib.describe.describe import describe_file
from IDCBrowserLib.describe.kinds import kind_of
from IDCBrowserLib.describe.payload import OPENED, save_payload
from IDCBrowserLib.errors import ConversionError, DamagedError, NotDicomError

STORAGE = "1.2.840.10008.5.1.4.1.1."


def item(**values: Any) -> Dataset:
    made_item = Dataset()
    for keyword, value in values.items():
        setattr(made_item, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return made_item


def write(path: Path, sop_class: str, modality: str = "OT", **values: Any) -> Path:
    dataset = item(
        SOPClassUID=f"{STORAGE}{sop_class}", SOPInstanceUID="1.2.3.4", StudyInstanceUID="1.2", SeriesInstanceUID="1.2.3", Modality=modality
    )
    dataset.PatientID, dataset.SeriesDescription = "P1", "A series"
    dataset.update(item(**values))
    return made.save(dataset, path)


def references(number: int, sop_class: str = made.CT_CLASS) -> list[Dataset]:
    return [item(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=f"1.7.{index}") for index in range(number)]


def test_the_kind_goes_by_the_class_and_never_by_the_modality(tmp_path: Path) -> None:
    described = describe_file(str(write(tmp_path / "ct.dcm", "2", "SEG", Rows=4, Columns=6)))
    assert (described["kind"], described["text"], described["modality"]) == ("CT image", "CT image: 6 x 4 pixels", "SEG")
    assert (described["sop_class"], described["series"], described["study"], described["title"]) == (made.CT_CLASS, "1.2.3", "1.2", "A series")


@pytest.mark.parametrize(
    ("sop_class", "words"),
    [
        ("2", "CT image"), ("4", "MR image"), ("128", "PET image"), ("66.4", "Segmentation"), ("481.3", "Structure set"), ("88.22", "Report"),
        ("88.67", "Report"), ("481.2", "Dose"), ("481.5", "Radiotherapy plan"), ("66.1", "Registration"), ("30", "Parametric map"),
        ("104.3", "Surface (STL)"), ("77.1.6", "Slide image"), ("91.1", "Annotations on slides"), ("6.1", "Ultrasound"), ("1.2", "Mammogram"),
        ("7", "Secondary capture"), ("104.1", "PDF document"), ("88.59", "Key object selection"), ("11.8", "Presentation state"),
        ("67", "Real world value map"), ("9.1.1", "ECG"), ("77.1.4.1", "Video"), ("999.1", "DICOM object"),
    ],
)  # fmt: skip
def test_each_storage_class_of_idc_has_its_words(sop_class: str, words: str) -> None:
    assert kind_of(f"{STORAGE}{sop_class}").words == words


@pytest.mark.parametrize(
    "sop_class", ["66.4", "481.3", "88.22", "481.2", "481.5", "66.1", "30", "104.1", "88.59", "11.1", "67", "9.1.1", "91.1", "6.1", "9.9.9"]
)
def test_an_object_with_nothing_in_it_is_still_named_and_never_an_error(tmp_path: Path, sop_class: str) -> None:
    described = describe_file(str(write(tmp_path / "empty.dcm", sop_class)))
    assert described["text"].startswith(described["kind"])
    assert all(warning.strip().endswith(".") for warning in described["warnings"])


def test_a_plan_is_its_prescription_fractions_and_isocenter(tmp_path: Path) -> None:
    point = item(NominalBeamEnergy="6", GantryAngle="90", IsocenterPosition=["1.5", "-20", "300"])
    plan = write(
        tmp_path / "plan.dcm",
        "481.5",
        RTPlanLabel="Boost",
        DoseReferenceSequence=[item(DoseReferenceType="TARGET", DoseReferenceDescription="PTV", TargetPrescriptionDose="50.4")],
        FractionGroupSequence=[item(NumberOfFractionsPlanned="28", ReferencedBeamSequence=[item(ReferencedBeamNumber="1", BeamDose="1.8")])],
        BeamSequence=[item(BeamNumber="1", BeamName="AP", RadiationType="PHOTON", ControlPointSequence=[point])],
        ReferencedStructureSetSequence=references(1, f"{STORAGE}481.3"),
    )
    described = describe_file(str(plan))
    assert (described["title"], described["text"]) == ("Boost", "Radiotherapy plan: 50.4 Gy in 28 fractions, 1 beam")
    assert described["details"]["isocenters"] == [[1.5, -20.0, 300.0]]
    assert ("Isocenter (mm, LPS)", "1.5, -20, 300") in described["items"] and ("Target", "PTV: prescribed 50.4 Gy") in described["items"]
    assert [(entry["relation"], entry["kind"]) for entry in described["references"]] == [("with the structures of", "Structure set")]


def spoiled(path: Path, before: bytes, after: bytes) -> str:
    """The file with a value that the writer would refuse."""
    data = path.read_bytes()
    assert data.count(before) == 1 and len(before) == len(after)
    path.write_bytes(data.replace(before, after))
    return str(path)


def test_a_value_that_makes_no_sense_costs_nothing_else_of_the_card(tmp_path: Path) -> None:
    point = item(NominalBeamEnergy="6", IsocenterPosition=["1.5", "-20", "300"])
    beams = [item(BeamNumber="1", BeamName="AP", RadiationType="PHOTON", ControlPointSequence=[point])]
    plan = write(tmp_path / "plan.dcm", "481.5", RTPlanLabel="Boost", BeamSequence=beams)
    described = describe_file(spoiled(plan, rb"1.5\-20\300", rb"1.5\-20X300"))
    assert (described["title"], described["text"]) == ("Boost", "Radiotherapy plan: 1 beam")
    assert described["details"]["isocenters"] == [] and ("Beam 1", "AP: photon, 6 MV") in described["items"]
    assert len(described["warnings"]) == 1 and "(300A,012C)" in described["warnings"][0]


@pytest.mark.parametrize(("digits", "number"), [("9" * 9, 999_999_999), ("9" * 5000, None)])
def test_a_number_of_thousands_of_digits_costs_nothing_else_of_the_card(tmp_path: Path, digits: str, number: int | None) -> None:
    """In a text of any length: writers refuse it as a number."""
    target = item(DoseReferenceType="TARGET", TargetPrescriptionDose="60")
    target.add_new("ReferencedROINumber", "UT", digits)
    plan = write(tmp_path / "plan.dcm", "481.5", RTPlanLabel="Boost", DoseReferenceSequence=[target])
    described = describe_file(str(plan))
    assert (described["title"], described["warnings"]) == ("Boost", [])
    assert [(one["roi_number"], one["prescription_gy"]) for one in described["details"]["dose_references"]] == [(number, 60)]


def test_key_objects_are_a_list_of_images_with_the_reason(tmp_path: Path) -> None:
    images = [made.image(made.CT_CLASS, f"1.7.{number}", frames=[number]) for number in (1, 2)]
    remark = made.text(made.code("113012", "DCM", "Key Object Description"), "compare these")
    dataset = made.measurement_report([], {"1.7.1": "1.7", "1.7.2": "1.7"})
    dataset.SOPClassUID, dataset.ConceptNameCodeSequence = f"{STORAGE}88.59", Sequence([made.code("113000", "DCM", "Of Interest")])
    dataset.ContentSequence = Sequence([remark, *images])
    described = describe_file(str(made.save(dataset, tmp_path / "ko.dcm")))
    assert described["text"] == "Key object selection: 2 images of 1 series, Of Interest"
    assert [(image["sop_instance_uid"], image["series_uid"], image["frames"]) for image in described["details"]["images"]] == [
        ("1.7.1", "1.7", [1]),
        ("1.7.2", "1.7", [2]),
    ]
    assert described["items"][0] == ("Key Object Description", "compare these")


def test_a_presentation_state_is_its_window_and_what_is_written_on_images(tmp_path: Path) -> None:
    annotation = item(
        TextObjectSequence=[item(UnformattedTextValue="12 mm")], GraphicObjectSequence=[item(GraphicType="POLYLINE"), item(GraphicType="POLYLINE")]
    )
    window = item(WindowCenter="40", WindowWidth="400", WindowCenterWidthExplanation="SOFT TISSUE")
    state = write(
        tmp_path / "pr.dcm",
        "11.1",
        SoftcopyVOILUTSequence=[window],
        GraphicAnnotationSequence=[annotation],
        ReferencedSeriesSequence=[item(SeriesInstanceUID="1.7", ReferencedImageSequence=references(2))],
    )
    described = describe_file(str(state))
    assert described["text"] == "Presentation state: window 40 / 400, 3 annotations for 2 images"
    assert described["details"]["windows"] == [{"center": 40.0, "width": 400.0, "explanation": "SOFT TISSUE"}]
    assert [(entry["relation"], entry["series"], entry["objects"]) for entry in described["references"]] == [("shows", "1.7", 2)]


def test_a_value_map_is_slope_and_unit(tmp_path: Path) -> None:
    mapping = item(
        RealWorldValueSlope=0.5, RealWorldValueIntercept=-2.0, LUTLabel="SUV", MeasurementUnitsCodeSequence=[made.code("{SUVbw}g/ml", "UCUM")]
    )
    rows = [item(ReferencedImageSequence=references(3), RealWorldValueMappingSequence=[mapping])]
    described = describe_file(str(write(tmp_path / "rwv.dcm", "67", ReferencedImageRealWorldValueMappingSequence=rows)))
    assert described["text"] == "Real world value map: stored value x 0.5 - 2 in {SUVbw}g/ml for 3 images"


def test_a_dose_says_its_units_and_whether_it_can_be_read_in_gy(tmp_path: Path) -> None:
    path = write(tmp_path / "dose.dcm", "481.2", DoseUnits="RELATIVE", DoseSummationType="BEAM", Rows=4, Columns=5, NumberOfFrames="3")
    described = describe_file(str(path))
    assert described["text"] == "Dose: relative, not in Gy of one beam, 5 x 4 x 3 voxels"
    assert "no Dose Grid Scaling" in described["warnings"][0]


def test_a_registration_says_between_which_frames_of_reference(tmp_path: Path) -> None:
    matrix = item(MatrixRegistrationSequence=[item(MatrixSequence=[item(FrameOfReferenceTransformationMatrixType="RIGID")])])
    other, own = item(FrameOfReferenceUID="1.9.2", ReferencedImageSequence=references(1)), item(FrameOfReferenceUID="1.9.1")
    other.update(matrix)
    path = write(tmp_path / "reg.dcm", "66.1", FrameOfReferenceUID="1.9.1", RegistrationSequence=[other, own])
    described = describe_file(str(path))
    assert described["text"] == "Registration: 1 image brought onto another (rigid)"
    assert ("From", "1.9.2 (rigid)") in described["items"] and described["references"][0]["relation"] == "aligns"


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1], "says RIGID, but its matrix is not one"),
        ([0] * 16, "is not a transform of space"),
        ([1, 0, 0], "where 16 numbers are required"),
        ([], "lacks its matrix"),
    ],
)
def test_a_registration_whose_matrix_makes_no_sense_says_so(tmp_path: Path, matrix: list[int], said: str) -> None:
    entry = item(FrameOfReferenceTransformationMatrixType="RIGID", FrameOfReferenceTransformationMatrix=matrix)
    moved = item(FrameOfReferenceUID="1.9.2", MatrixRegistrationSequence=[item(MatrixSequence=[entry])])
    path = write(tmp_path / "reg.dcm", "66.1", FrameOfReferenceUID="1.9.1", RegistrationSequence=[moved])
    described = describe_file(str(path))
    assert any(said in warning for warning in described["warnings"]), described["warnings"]


def test_key_objects_without_content_are_not_said_to_be_something_else(tmp_path: Path) -> None:
    described = describe_file(str(write(tmp_path / "ko.dcm", "88.59")))
    assert described["kind"] == "Key object selection"
    assert [warning.partition("ko.dcm ")[2] for warning in described["warnings"]] == [
        "says that it is a report, but it has no content. Download it again."
    ]


def test_a_document_is_saved_without_its_padding_under_a_safe_name(tmp_path: Path) -> None:
    path = write(
        tmp_path / "doc.dcm",
        "104.1",
        DocumentTitle="../../Report: of *Jane*",
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocument=b"%PDF-1.4 odd!",
    )
    assert describe_file(str(path))["text"] == "PDF document: ../../Report: of *Jane*, 13 B"
    saved = save_payload(str(path), tmp_path / "saved")
    assert saved.parent == tmp_path / "saved" and saved.name == "Report_of_Jane_1.2.3.4.pdf"
    assert saved.read_bytes() == b"%PDF-1.4 odd!"


def test_a_document_never_chooses_the_program_by_an_unknown_type(tmp_path: Path) -> None:
    path = write(tmp_path / "doc.dcm", "104.1", MIMETypeOfEncapsulatedDocument="application/x-msdownload", EncapsulatedDocument=b"MZ\x90\0")
    saved = save_payload(str(path), tmp_path)
    assert saved.suffix == ".bin" and saved.suffix not in OPENED


@pytest.mark.parametrize(
    ("sop_class", "mime", "content", "ending"),
    [
        ("104.1", "application/pdf", b"%PDF-1.7 x", ".pdf"),
        ("104.1", "application/pdf", b"PK\3\4 no such thing", ".bin"),
        ("104.2", "text/xml", b"\xef\xbb\xbf<?xml version='1.0'?><a/>", ".xml"),
        ("104.2", "text/XML; charset=utf-8", b"<ClinicalDocument/>", ".xml"),
        ("104.2", "text/xml", b"#!/bin/sh", ".bin"),
        ("104.4", "model/obj", b"v 0 0 0", ".obj"),
        ("104.5", "model/mtl", b"newmtl a", ".mtl"),
        ("104.3", "application/x-sh", b"solid a", ".stl"),
    ],
)
def test_the_ending_follows_kind_and_content(tmp_path: Path, sop_class: str, mime: str, content: bytes, ending: str) -> None:
    path = write(tmp_path / "doc.dcm", sop_class, MIMETypeOfEncapsulatedDocument=mime, EncapsulatedDocument=content)
    assert save_payload(str(path), tmp_path / "saved").suffix == ending


def test_an_stl_keeps_its_last_byte_even_if_that_is_zero(tmp_path: Path) -> None:
    triangles = bytes(80) + struct.pack("<I", 1) + bytes(50)
    path = write(tmp_path / "stl.dcm", "104.3", MIMETypeOfEncapsulatedDocument="model/stl", EncapsulatedDocument=triangles)
    assert save_payload(str(path), tmp_path / "s").read_bytes() == triangles


def test_a_video_is_saved_as_the_stream_that_it_is(tmp_path: Path) -> None:
    dataset = item(
        SOPClassUID=f"{STORAGE}77.1.4.1", SOPInstanceUID="1.2.3.4", SeriesDescription="Scope", Rows=48, Columns=64, NumberOfFrames="50", CineRate="25"
    )
    dataset.PixelData = encapsulate([b"one half", b"other one"], has_bot=False)
    dataset["PixelData"].is_undefined_length = True
    made.SYNTAXES["video"] = "1.2.840.10008.1.2.4.102"  # type: ignore[assignment]
    path = made.save(dataset, tmp_path / "video.dcm", "video")
    described = describe_file(str(path))
    assert described["text"] == "Video: 64 x 48 pixels, 50 frames, 2.0 s"
    saved = save_payload(str(path), tmp_path / "saved")
    assert (saved.suffix, saved.read_bytes()) == (".mp4", b"one halfother one\0")


def test_an_image_has_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="no document, waveform or video"):
        save_payload(str(write(tmp_path / "ct.dcm", "2")), tmp_path)


def test_what_is_no_dicom_file_is_refused_and_a_report_that_is_cut_off_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello, this is no DICOM file at all" * 10)
    with pytest.raises(NotDicomError):
        describe_file(str(tmp_path / "text"))
    whole = made.save(made.measurement_report([made.group([made.number(made.code("a"), "1")])]), tmp_path / "sr.dcm")
    whole.write_bytes(whole.read_bytes()[:-30])
    described = describe_file(str(whole))
    assert described["kind"] == "Report" and "cut off" in described["warnings"][0]
    other = write(tmp_path / "plan.dcm", "481.5", BeamSequence=[item(BeamName="AP")])
    other.write_bytes(other.read_bytes()[:-4])
    with pytest.raises(DamagedError):
        describe_file(str(other))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("derived/dcmqi-sr-example/sr.dcm", "Report: 22 measurements of 1 segment"),
        ("derived/dcmqi-sr-example/seg.dcm", "Segmentation: 1 segment (Neoplasm, Primary)"),
        ("derived/dcmqi-sr-example/rwvm.dcm", "Real world value map: stored value x 0.000375125 in {SUVbw}g/ml for 191 images"),
        ("derived/dicompyler-core/rtplan.dcm", "Radiotherapy plan: 14 Gy in 7 fractions, 4 beams"),
        ("derived/dicompyler-core/rtdose.dcm", "Dose: in Gy of the whole plan, 194 x 129 x 98 voxels"),
        ("derived/highdicom/sm_annotations.dcm", "Annotations on slides: 2 annotations (nuclei)"),
        ("pydicom/test_files/waveform_ecg.dcm", "ECG: 12 channels, 10 s at 1000 Hz"),
        ("pydicom/test_files/dicomdirtests/DICOMDIR", "DICOM directory"),
    ],
)
def test_real_objects_in_one_line(name: str, text: str) -> None:
    assert describe_file(str(real_data(*name.split("/"))))["text"] == text


@pytest.mark.real_data
def test_an_ecg_is_saved_with_its_leads_in_millivolts_or_microvolts(tmp_path: Path) -> None:
    saved = save_payload(str(real_data("pydicom", "test_files", "waveform_ecg.dcm")), tmp_path)
    head, *rows = saved.read_text(encoding="utf-8").splitlines()
    assert head.startswith("seconds,") and head.count(",") == 12 and "(uV)" in head
    assert len(rows) == 10_000 and rows[1].startswith("0.001,")
