"""Folders laid out as the user wants: words of idc-index, nothing outside the folder, and never two series in one place."""

import pytest
from helpers.planned import planned

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.transfer.folders.layout import series_directory
from IDCBrowserLib.transfer.folders.template import DEFAULT, Template, problem_of

SERIES = planned("11111111-0000-4000-8000-000000000000")


def test_the_default_of_idc_index_is_the_layout_of_downloads() -> None:
    assert Template.parse(DEFAULT).directory(SERIES) == series_directory(SERIES, "/data")


def test_words_may_stand_beside_each_other_and_beside_text() -> None:
    series = SERIES._replace(patient_id="P-1", modality="CT")
    assert Template.parse("by case/%PatientID_%Modality-of %SeriesInstanceUID").directory(series) == f"by case/P-1_CT-of {series.series_uid}"


@pytest.mark.parametrize(("description", "place"), [("Axial", "CT Axial"), (None, "CT none"), ("", "CT none")])
def test_a_series_may_have_no_description(description: str | None, place: str) -> None:
    template = Template.parse("%Modality %SeriesDescription" if description else "%Modality none%SeriesDescription")
    assert template.directory(SERIES._replace(description=description)) == place


@pytest.mark.parametrize(("template", "tells"), [("%SeriesInstanceUID", True), ("a/%crdc_series_uuid", True), ("%PatientID", False)])
def test_a_template_with_a_name_of_the_series_tells_them_apart(template: str, tells: bool) -> None:
    assert Template.parse(template).tells_apart is tells


@pytest.mark.parametrize(("length", "fits"), [(500, True), (501, False)])
def test_a_template_has_at_most_so_many_characters(length: int, fits: bool) -> None:
    text = "%PatientID".ljust(length, "x")
    assert (problem_of(text) == "") is fits


OUTSIDE = ["..", "../%SeriesInstanceUID", "%PatientID/../%SeriesInstanceUID", "/%SeriesInstanceUID", "C:/%PatientID", "~/%PatientID", "a\\%PatientID"]
SENSELESS = [
    "",
    "%PatientID//%Modality",
    "%PatientID/.",
    "%PatientID/\n",
    "%PatientID/*",
    "plain",
    "%SeriesUID",
    "%%PatientID",
    "%",
    "%PatientID" * 60,
]


@pytest.mark.parametrize("text", [*OUTSIDE, *SENSELESS])
def test_a_template_that_leads_elsewhere_or_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--layout"):
        Template.parse(text)


def test_a_word_that_is_nearly_one_is_named() -> None:
    with pytest.raises(InputError, match="did you mean %PatientID"):
        Template.parse("%PatientId/%SeriesInstanceUID")


@pytest.mark.parametrize("name", ["../../etc", "/etc/passwd", "CON", "a/b", "..", "%SeriesInstanceUID", "x" * 300])
def test_what_a_series_is_called_never_leads_out_of_the_folder(name: str) -> None:
    parts = Template.parse("%PatientID/%SeriesInstanceUID").directory(SERIES._replace(patient_id=name)).split("/")
    assert len(parts) == 2 and parts[0] not in ("", ".", "..") and len(parts[0]) <= 120
    assert parts[1] == SERIES.series_uid


def test_two_series_in_one_place_are_refused_with_a_way_out() -> None:
    other = SERIES._replace(crdc_series_uuid="22222222-0000-4000-8000-000000000000", series_uid="1.2.3.99", patient_id=SERIES.patient_id.lower())
    with pytest.raises(InputError, match="add %SeriesInstanceUID"):
        Template.parse("%PatientID").check_apart([SERIES, other])
    Template.parse("%PatientID/%SeriesInstanceUID").check_apart([SERIES, other, SERIES])


def test_a_prior_version_has_a_place_of_its_own() -> None:
    prior = SERIES._replace(crdc_series_uuid="22222222-0000-4000-8000-000000000000", is_prior=True)
    Template.parse("%SeriesInstanceUID").check_apart([SERIES, prior])


@pytest.mark.parametrize(
    ("template", "directory"),
    [
        ("a/%Modality", "a/CT_v33333333"),
        ("%Modality", "CT_v33333333"),
        ("%crdc_series_uuid/%Modality/b", "33333333/CT/b"),
        ("%Modality/%SeriesInstanceUID/b", f"CT/{SERIES.series_uid}/b_v33333333"),
    ],
)
def test_a_prior_version_is_named_at_the_end_unless_the_template_names_it(template: str, directory: str) -> None:
    prior = SERIES._replace(crdc_series_uuid="33333333", is_prior=True)
    assert Template.parse(template).directory(prior) == directory
    assert Template.parse(template).directory(prior._replace(is_prior=False)) == directory.replace("_v33333333", "")


def test_two_series_in_one_place_are_refused_in_either_order() -> None:
    other = SERIES._replace(crdc_series_uuid="22222222-0000-4000-8000-000000000000")
    for two in ([SERIES, other], [other, SERIES]):
        with pytest.raises(InputError, match=f"another one \\({two[0].crdc_series_uuid}\\) both into Patient-1"):
            Template.parse("%PatientID").check_apart(two)


def test_what_is_wrong_with_a_template_is_a_sentence_with_all_words_and_an_example() -> None:
    said = problem_of("")
    assert said.startswith("Write 1 to 500 characters. Words: %collection_id, %PatientID, ") and said.endswith(f"; for example {DEFAULT}")
    assert problem_of("%Nothing").startswith("%Nothing is not a word of templates. Words: ")
    with pytest.raises(InputError) as caught:
        Template.parse("x" * 300)
    assert f"--layout {'x' * 200!r}: " in str(caught.value)
