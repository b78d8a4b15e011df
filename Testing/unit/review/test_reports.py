"""Answers as DICOM SR: read back by this program and by highdicom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import highdicom
import pydicom
import pytest
from helpers.dicom_files import image, save
from helpers.made_review import made_list

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.report.measurements import measurements_of
from IDCBrowserLib.report.read import read_report
from IDCBrowserLib.review.answers import Segment
from IDCBrowserLib.review.head import read_head
from IDCBrowserLib.review.reports import write_reports
from IDCBrowserLib.review.review_file import ReviewFile

SEG = "1.2.840.10008.5.1.4.1.1.66.4"
LONG = "L" * 4000


@pytest.fixture
def review(tmp_path: Path) -> Iterator[ReviewFile]:
    opened = ReviewFile(made_list(tmp_path / "list.idcreview"))
    opened.begin("Reader^One")
    opened.learn_head(0, read_head(save(image(PatientName="Doe^Jane"), tmp_path / "image.dcm")))
    opened.learn_segments(
        0,
        [
            Segment("1.2.9/1", "Liver", "Liver (SCT 10200004)", "1.2.8", "1.2.9", SEG, 1, "1.2.7"),
            Segment("1.2.9/2", LONG, "", "1.2.8", "1.2.9", SEG, 2, "1.2.7"),
        ],
    )
    for segment, question, value in (
        ("", "image", 4),
        ("", "discuss", True),
        ("", "comment", "x" * 5000),
        ("1.2.9/1", "use", "usable"),
        ("1.2.9/2", "use", "not usable"),
    ):
        opened.answer("Reader^One", 0, segment, question, value)
    yield opened
    opened.close()


def test_this_program_reads_every_answer_back(review: ReviewFile, tmp_path: Path) -> None:
    written = write_reports(tmp_path / "out.dcm", review)
    assert [Path(file).name for file in written.files] == ["out-00001-Reader_One.dcm"]
    assert (written.answers, written.warnings) == (5, ())
    rows = measurements_of(read_report(written.files[0])).rows
    found = [(row.quantity.meaning if row.quantity else "", row.value_text, row.segment_number) for row in rows]
    assert found == [
        ("Quality of the images", "4", None),
        ("To be discussed", "Yes", None),
        ("Comment", "x" * 5000, None),
        ("The segment is", "usable", 1),
        ("The segment is", "not usable", 2),
    ]
    assert rows[3].segmentation_sop_uid == "1.2.9"


def test_highdicom_reads_the_evaluations(review: ReviewFile, tmp_path: Path) -> None:
    report = highdicom.sr.srread(write_reports(tmp_path / "out.dcm", review).files[0])
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert [group.tracking_identifier for group in groups] == ["Liver", LONG[:1024]]
    evaluations = [[(one.name.meaning, one.value.meaning) for one in group.get_qualitative_evaluations()] for group in groups]
    assert evaluations == [[("The segment is", "usable")], [("The segment is", "not usable")]]
    assert groups[0].finding_type.value == "10200004"


def test_the_object_states_patient_reader_and_its_own_codes(review: ReviewFile, tmp_path: Path) -> None:
    written = pydicom.dcmread(write_reports(tmp_path / "out.dcm", review).files[0])
    assert (written.PatientName, written.Modality, written.StudyInstanceUID) == ("Doe^Jane", "SR", image().StudyInstanceUID)
    assert written.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == "99IDCBROWSER"
    persons = [item.PersonName for item in written.ContentSequence if item.ValueType == "PNAME"]
    assert persons == ["Reader One"]


def test_an_entry_whose_images_were_never_read_is_told(review: ReviewFile, tmp_path: Path) -> None:
    review.answer("Reader^One", 1, "", "image", 2)
    written = write_reports(tmp_path / "out.dcm", review)
    assert len(written.files) == 1
    assert "1 entries have no report" in written.warnings[0]


def test_files_that_are_there_stay(review: ReviewFile, tmp_path: Path) -> None:
    (tmp_path / "out-00001-Reader_One.dcm").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_reports(tmp_path / "out.dcm", review)
    assert (tmp_path / "out-00001-Reader_One.dcm").read_text() == "mine"


def test_readers_whose_names_look_alike_in_a_file_name_get_a_report_each(review: ReviewFile, tmp_path: Path) -> None:
    for reader in ("reader one", "李", "王"):
        review.answer(reader, 0, "", "image", 2)
    written = write_reports(tmp_path / "out.dcm", review)
    names = ["out-00001-Reader_One.dcm", "out-00001-reader_one-2.dcm", "out-00001-reader.dcm", "out-00001-reader-2.dcm"]
    assert [Path(file).name for file in written.files] == names
    assert all(Path(file).is_file() for file in written.files)
    assert written.answers == 8


def test_an_entry_whose_image_does_not_say_what_it_is_has_no_report(review: ReviewFile, tmp_path: Path) -> None:
    review.learn_head(0, {"StudyInstanceUID": "1.2.3"})
    written = write_reports(tmp_path / "out.dcm", review)
    assert (written.files, len(written.warnings)) == ((), 1)
