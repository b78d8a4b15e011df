"""Every literal form of a manifest, and the hostile ones. Nothing is looked up here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.real_data import real_data
from hypothesis import given
from hypothesis import strategies as st

from IDCBrowserLib.errors import InputError, NotFoundError
from IDCBrowserLib.selection import manifest
from IDCBrowserLib.selection.parsed_source import IDENTIFIER, SERIES_UID, SERIES_UUID, STUDY_UID, UID, Parsed, RequestedItem
from IDCBrowserLib.selection.text_file import read_text

A = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"
B = "f0b76401-c6d1-4b61-a5fd-3fa596e6cc41"
UID_A = "1.3.6.1.4.1.14519.5.2.1.7695.1700.153974929648969296590126728101"


def _parse(text: str) -> Parsed:
    return manifest.parse(text, "m")


def _all(text: str) -> list[RequestedItem]:
    parsed = _parse(text)
    assert parsed.unresolved == []
    return [*parsed.ordinary_as_wanted(), *parsed.wanted]


@pytest.mark.parametrize(
    "line",
    [
        f"cp s3://idc-open-data/{A}/* .",
        f"cp s3://idc-open-data/{A}/* ./",
        f"cp s3://idc-open-data/{A}/*  .",
        f"  cp  s3://idc-open-data/{A}/*   .  ",
        f"cp\ts3://idc-open-data/{A}/*\t.",
        f"cp s3://public-datasets-idc/{A}/* .",
        f"cp gs://idc-open-idc1/{A}/* .",
        f"sync s3://idc-open-data/{A}/* \"a folder/with 'quotes'\"",
        f"cp s3://idc-open-data/{A}/* 'John\\'",
        f"cp s3://idc-open-data/{A}/* John\\ Doe",
        f"cp --concurrency 5 s3://idc-open-data/{A}/* .",
        f"s5cmd --no-sign-request cp s3://idc-open-data/{A}/* .",
        f"aws s3 cp s3://idc-open-data/{A}/ .",
        f"gsutil -m cp gs://idc-open-data/{A}/* .",
        f"s3://idc-open-data/{A}/*",
        f"gs://idc-open-data/{A}/",
        f"s3://idc-open-data/{A}",
        f"cp s3://idc-open-data/{A.upper()}/* .",
        f"dg.4DFC/{A}",
        f"drs://dg.4DFC:{A}",
        A,
    ],
)
def test_a_line_names_its_series(line: str) -> None:
    wanted = _all(line)
    assert [(item.kind, item.value) for item in wanted] == [(SERIES_UUID, A)]


@pytest.mark.parametrize(
    "line",
    [
        f's5cmd --no-sign-request --endpoint-url https://s3.amazonaws.com cp "s3://idc-open-data/{A}/*" .',
        f"s5cmd --endpoint-url=https://storage.googleapis.com --numworkers 8 cp --source-region us-east-1 s3://idc-open-data/{A}/* .",
        f"cp --source-region us-east-1 s3://idc-open-data/{A}/* .",
        f"cp --if-size-differ -u s3://idc-open-data/{A}/* dir/",
        f"cp --option-of-next-year 5 s3://idc-open-data/{A}/* dir/",
        f"aws s3 cp --no-sign-request s3://idc-open-data/{A}/ . --recursive",
        f"aws s3 --region us-east-1 sync --no-sign-request s3://idc-open-data/{A} ./here",
        f"gsutil -u my-project -m cp -r gs://idc-open-data/{A} .",
        f"gcloud storage --project p cp gs://idc-open-data/{A}/* .",
        f"cp\u00a0s3://idc-open-data/{A}/*\u00a0.",
        f"cp\u2003s3://idc-open-data/{A}/*\u202f.",
        f"\u201ccp s3://idc-open-data/{A}/* .\u201d",
        f"\u00abcp s3://idc-open-data/{A}/* .\u00bb",
        f"cp \u2018s3://idc-open-data/{A}/*\u2019 .",
        f'"cp s3://idc-open-data/{A}/* ."',
        f'"cp ""s3://idc-open-data/{A}/*"" ."',
        f"`s5cmd cp s3://idc-open-data/{A}/* .`",
        f"s5cmd \u2013no-sign-request cp s3://idc-open-data/{A}/* .",
        f"s5cmd \u2014no-sign-request cp s3://idc-open-data/{A}/* .",
        f"\ufeffcp s3://idc-open-data/{A}\u200b/* .",
        f"cp s3://idc-open-data/{A}/*.dcm .",
        f"$ s5cmd --no-sign-request cp s3://idc-open-data/{A}/* .",
        f"!s5cmd --no-sign-request cp s3://idc-open-data/{A}/* .",
        f"user@host:~/data$ aws s3 cp s3://idc-open-data/{A}/ .",
        f"AWS_REGION=us-east-1 sudo s5cmd cp s3://idc-open-data/{A}/* .",
        f"s5cmd cp s3://idc-open-data/{A}/* . > log.txt",
        f"aws s3 cp s3://idc-open-data/{A}/ . --recursive; echo done",
        f"aws s3 cp s3://idc-open-data/{A}/ . --recursive --include *.dcm",
        f"S3://idc-open-data/{A}/*",
        f"https://idc-open-data.s3.amazonaws.com/{A}/",
        f"https://idc-open-data.s3.us-east-1.amazonaws.com/{A}/*",
        f"https://s3.amazonaws.com/idc-open-data/{A}",
        f"https://storage.googleapis.com/idc-open-data/{A}/",
        f"drs://nci-crdc.datacommons.io/dg.4DFC/{A}",
    ],
)
def test_commands_of_documentation_and_other_tools_name_their_series(line: str) -> None:
    (wanted,) = _all(line)
    assert (wanted.kind, wanted.value, wanted.instance) == (SERIES_UUID, A, "")


@pytest.mark.parametrize(
    "line",
    [
        f"https://idc-open-data.s3.amazonaws.com/{A}/{B}.dcm",
        f"wget https://idc-open-data.s3.amazonaws.com/{A}/{B}.dcm",
        f"curl -o scan.dcm https://storage.googleapis.com/idc-open-data/{A}/{B}.dcm?alt=media",
        f"aws s3 cp s3://idc-open-data/{A}/{B}.dcm scan.dcm",
    ],
)
def test_the_address_of_a_file_names_that_instance(line: str) -> None:
    (wanted,) = _all(line)
    assert (wanted.value, wanted.instance, wanted.bucket) == (A, B, "idc-open-data")


def test_a_command_goes_on_behind_a_backslash() -> None:
    (wanted,) = _all(f"aws s3 cp \\\n  --no-sign-request \\\n  s3://idc-open-data/{A}/ . --recursive\n")
    assert (wanted.value, wanted.line) == (A, 3)


@pytest.mark.parametrize("folder", ["/data/idc", "~/x", "$HOME/x", "C:\\\\data", "\\\\\\\\server\\\\share"])
def test_a_folder_that_the_manifest_names_is_ignored_and_that_is_said(folder: str) -> None:
    parsed = _parse(f"cp s3://idc-open-data/{B}/* .\ncp s3://idc-open-data/{A}/* {folder}\n")
    assert ([item.value for item in parsed.wanted], parsed.unresolved) == ([A], [])
    (warning,) = parsed.warnings()
    assert "line 2" in warning and "It is ignored" in warning


def test_many_folders_of_their_own_are_one_warning() -> None:
    (warning,) = _parse(f"cp s3://idc-open-data/{A}/* /data/a\ncp s3://idc-open-data/{B}/* /data/b\n").warnings()
    assert "2 lines (the first is line 1)" in warning


@pytest.mark.parametrize("choice", ["--exclude *", "--include *.txt", f"--exclude=* --include {B}.dcm"])
def test_a_choice_of_files_by_pattern_is_not_taken_for_the_series(choice: str) -> None:
    parsed = _parse(f"aws s3 cp --recursive {choice} s3://idc-open-data/{A}/ .")
    assert parsed.wanted == [] and "chooses files" in parsed.unresolved[0].reason


REPORTED = [
    "m01_https_vhost",
    "m04_full_s5cmd",
    "m05_aws",
    "m09_quoted",
    "m11_nbsp",
    "m13_smart",
    "m16_csvquoted",
    "m19_stardcm",
    "m33_opts",
    "m36_region",
]


@pytest.mark.parametrize("name", REPORTED)
def test_manifests_that_people_reported(name: str) -> None:
    (wanted,) = _all(read_text(real_data("reports") / "manifests" / f"{name}.txt"))
    assert wanted.value == "fc41eae4-1d6a-4c48-9126-04d5d194405c"


def test_comments_blank_lines_and_a_column_title_are_nothing() -> None:
    text = f"# To download\n\n// a comment\nstudy_manifest_cp_command\ncp s3://idc-open-data/{A}/* .\n\n# end\ncp s3://idc-open-data/{B}/* .\n"
    assert [(item.value, item.line) for item in _all(text)] == [(A, 5), (B, 8)]


@pytest.mark.parametrize(
    "head",
    [
        (
            "# Manifest generated at 14:03:11 2026/07/09 \n# IDC Data Version(s): 25.0\n# To download the files in this manifest, install s5cmd "
            "(https://github.com/peak/s5cmd),\n# then run the following command:\n"
            "# s5cmd --no-sign-request --endpoint-url https://s3.amazonaws.com run <manifest file name>\n"
        ),
        (
            "# To download the files in this manifest, install the idc-index (https://github.com/ImagingDataCommons/idc-index) python package:\n"
            "# pip install --upgrade idc-index\n# idc download <manifest file name>\n"
        ),
        (
            "# To obtain these images, install the tool\n# Filters: Modality: CT\n# Date generated: 2024/01/02\n# Total records found: 2\n"
            "# IDC Data Version(s): 17\n# Total manifest size on disk: 1 MB\n"
        ),
        "# To download the files in this manifest, first install s5cmd (https://github.com/peak/s5cmd),\n",
        "study_manifest_cp_command\n",
        "series_aws_url\n",
        "",
    ],
)
@pytest.mark.parametrize(
    "lines",
    [
        "cp s3://idc-open-data/{A}/* ./\ncp s3://idc-open-data-two/{B}/* ./\n",
        "cp s3://idc-open-data/{A}/* .\r\ncp s3://idc-open-idc1/{B}/*  .\r\n",
        "cp s3://public-datasets-idc/{A}/* .\n\n\ncp gs://idc-open-cr/{B}/* .",
        'sync "s3://idc-open-data/{A}/*" "a dir"\nsync s3://idc-open-data/{B}/* a\\ dir',
    ],
)
def test_every_head_that_the_portal_has_written_over_every_form_of_line(tmp_path: Path, head: str, lines: str) -> None:
    path = tmp_path / "manifest_20260709_140311_aws.s5cmd"
    path.write_bytes(b"\xef\xbb\xbf" + (head + lines.replace("{A}", A).replace("{B}", B)).encode())
    assert [item.value for item in _all(read_text(path))] == [A, B]


def test_a_single_instance_keeps_its_name() -> None:
    wanted = _all(f"cp s3://public-datasets-idc/{A}/{B}.dcm .")
    assert (wanted[0].value, wanted[0].instance) == (A, B)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"rm s3://idc-open-data/{A}/*", "only downloads"),
        (f"mv s3://idc-open-data/{A}/* .", "only downloads"),
        (f"s5cmd rm s3://idc-open-data/{A}/*", "only downloads"),
        (f"cp secrets.txt s3://idc-open-data/{A}/*", "uploads"),
        (f"cp /etc/passwd s3://idc-open-data/{A}/", "uploads"),
        (f"cp s3://idc-open-data/{A}/* s3://mine/", "from bucket to bucket"),
        (f"cp s3://idc-open-data/{A}/* ../up", "leaves the chosen folder"),
        (f"cp s3://idc-open-data/{A}/* a/../../b", "leaves the chosen folder"),
        (f"cp s3://idc-open-data/{A}/* a\\\\..\\\\b", "leaves the chosen folder"),
        (f"cp s3://idc-open-data/{A}/* /data/../../etc", "leaves the chosen folder"),
        (f"cp s3://idc-open-data/{A}/* ../up; ls", "leaves the chosen folder"),
        (f"cp s3://idc-open-data/{A}/* . && rm s3://idc-open-data/{A}/*", "several commands"),
        (f"cp s3://idc-open-data/{A}/* CON", "device name"),
        (f"cp s3://idc-open-data/{A}/* a/nul.txt", "device name"),
        (f"cp s3://idc-open-data/{A}/../../x/* .", "leaves the series folder"),
        (f'cp s3://idc-open-data/{A}/* "unclosed', "quotes"),
        (f"cp s3://idc-open-data/{A}/* .\x1b[2J", "control characters"),
        (f"cp s3://idc-open-data/{A}/* .\u202e", "control characters"),
        ("run other.txt", "only downloads"),
    ],
)
def test_hostile_lines_are_refused_with_their_number(line: str, reason: str) -> None:
    parsed = _parse(f"cp s3://idc-open-data/{B}/* .\n{line}\n")
    assert [item.value for item in parsed.ordinary_as_wanted()] == [B]
    assert parsed.wanted == []
    (refused,) = parsed.unresolved
    assert refused.line == 2
    assert refused.refused
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"cp s3://idc-open-data/{A}.dcm .", "outside any series folder"),
        ("cp s3://idc-open-data/* .", "not the address of an IDC series"),
        ("cp s3://b/x/* .", "not the address of an IDC series"),
        ("s3://", "not the address of an IDC series"),
    ],
)
def test_addresses_that_name_no_series_are_listed(line: str, reason: str) -> None:
    parsed = _parse(line)
    (item,) = parsed.unresolved
    assert reason in item.reason
    assert not parsed.wanted


def test_a_portal_table_with_free_text_above_its_header() -> None:
    text = (
        "Manifest generated at 14:03:11 2026/07/09\nIDC Data Version(s): 25.0, with a comma\n\n"
        "PatientID,collection_id,StudyInstanceUID,SeriesInstanceUID,crdc_series_uuid,source_DOI,idc_version\n"
        f'P1,nlst,1.2.3,{UID_A},{A},"10.1, 2",25\n'
    )
    assert [(item.kind, item.value, item.line) for item in _all(text)] == [(SERIES_UUID, A, 5)]


def test_tables_with_tabs_and_semicolons_and_less_exact_columns() -> None:
    assert [(item.kind, item.value, item.version) for item in _all(f"SeriesInstanceUID\tidc_version\n{UID_A}\t17\n")] == [(SERIES_UID, UID_A, 17)]
    assert [(item.kind, item.value) for item in _all("StudyInstanceUID;PatientID\n1.2.840.1.5.6;P1\n")] == [(STUDY_UID, "1.2.840.1.5.6")]
    assert [(item.kind, item.value) for item in _all("collection_id,PatientID\nnlst,P1\n")] == [(IDENTIFIER, "nlst/P1")]
    assert [item.value for item in _all(f"series_aws_url,x\ns3://idc-open-data/{A}/*,1\n")] == [A]


def test_a_row_without_anything_to_look_up_is_listed() -> None:
    parsed = _parse(f"SeriesInstanceUID,crdc_series_uuid\n,\n{UID_A},{A}\n,not-a-uuid\n")
    assert [item.value for item in parsed.wanted] == [A]
    assert [item.line for item in parsed.unresolved] == [4]


def test_json_of_the_portal_of_this_program_and_plain_lists() -> None:
    assert [item.value for item in _all(json.dumps([{"crdc_series_uuid": A}, {"SeriesInstanceUID": UID_A}]))] == [A, UID_A]
    ours = {"series": [{"SeriesInstanceUID": UID_A, "crdc_series_uuid": A}], "unresolved": [{"text": "x"}]}
    assert [item.value for item in _all(json.dumps(ours))] == [A]
    assert [item.value for item in _all(json.dumps([UID_A, A, "nlst"]))] == [UID_A, A, "nlst"]
    assert _parse("[1, 2").unresolved[0].reason.startswith("the file is not valid JSON")
    assert _parse("{}").unresolved[0].reason == "it names no series, study, case or collection"
    assert _parse("[" * 100_000).unresolved[0].reason == "the JSON is nested too deeply to be a manifest"


def test_json_cannot_carry_hostile_commands_either() -> None:
    parsed = _parse(json.dumps([f"rm s3://idc-open-data/{A}/*"]))
    assert parsed.unresolved[0].refused


def test_an_nbia_manifest() -> None:
    text = f"downloadServerUrl=https://public.cancerimagingarchive.net/x\nincludeAnnotation=true\nListOfSeriesToDownload=\n{UID_A}\n1.2.840.1.5.6\n"
    assert [(item.kind, item.value, item.line) for item in _all(text)] == [(UID, UID_A, 4), (UID, "1.2.840.1.5.6", 5)]


def test_lists_of_identifiers() -> None:
    assert [item.value for item in _all(f"{UID_A}, 1.2.840.1.5.6\n{A} {B}")] == [UID_A, "1.2.840.1.5.6", A, B]
    assert [(item.kind, item.value) for item in _all("nlst\nZZ RIDER MR8 1\n")] == [(IDENTIFIER, "nlst"), (IDENTIFIER, "ZZ RIDER MR8 1")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, line_end: str) -> None:
    path = tmp_path / "Größe.s5cmd"
    path.write_bytes(line_end.join(["# ä", f"cp s3://idc-open-data/{A}/* .", f"cp s3://idc-open-data/{B}/* .", ""]).encode(encoding))
    assert [(item.value, item.line) for item in _all(read_text(path))] == [(A, 2), (B, 3)]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(b"\0" * 128 + b"DICM")
    with pytest.raises(InputError, match=r"x\.dcm is not a text file"):
        read_text(path)
    with pytest.raises(NotFoundError, match="There is no file"):
        read_text(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("real_idc-index/study_manifest_aws.s5cmd", 3),
        ("real_idc-index/study_manifest_gcs.s5cmd", 3),
        ("real_idc-index/study_manifest_bogus.s5cmd", 3),
        ("real_idc-index/prior_version_manifest.s5cmd", 5),
        ("real_doc_examples/cohorts_996_20230504_80755_gcs.s5cmd", 2),
        ("real_doc_examples/cohorts_996_20230504_80755_aws.s5cmd", 2),
        ("real_doc_examples/instance_level_in_series_folder_gcs.s5cmd", 1),
    ],
)
def test_real_manifests(name: str, count: int) -> None:
    assert len(_all(read_text(real_data("manifests") / name))) == count


@given(st.text(max_size=300))
def test_no_text_at_all_makes_it_fail(text: str) -> None:
    _parse(text)


_PIECES = ["cp", "sync", "rm", "s3://idc-open-data/", A, "/*", " ", ".", "..", "/", "~", '"', "'", "\\", "C:", "con", "\n", "-x"]


@given(st.lists(st.sampled_from(_PIECES), max_size=14))
def test_whatever_is_taken_from_a_line_is_a_bucket_and_a_uuid(parts: list[str]) -> None:
    for item in _parse("".join(parts)).wanted:
        if item.kind == SERIES_UUID:
            assert item.value == A
