"""Links and dropped files: only what they should name gets through."""

from __future__ import annotations

import pytest

from IDCBrowserLib.errors import InputError
from IDCBrowserLib.host.links import are_manifests, manifest_confidence, sources_of_link

PORTAL = "# Manifest generated at 14:03:11 2026/07/09 \n# IDC Data Version(s): 25\ncp s3://idc-open-data/35459457-bd4c-4eef-9579-47f12fc6928e/* ./\n"


@pytest.mark.parametrize(
    ("query", "sources"),
    [
        ("seriesInstanceUID=1.2.3", ("1.2.3",)),
        ("SERIESINSTANCEUID=1.2.3&studyInstanceUID=1.2.4,1.2.5", ("1.2.3", "1.2.4", "1.2.5")),
        ("collection_id=lidc_idri&collection_id=lidc_idri", ("lidc_idri",)),
        ("collection_id=tcga_gbm&other=1", ("tcga_gbm",)),
        ("PatientID=LUNG1-001&PatientID=lung_ct/P2", ("LUNG1-001", "lung_ct/P2")),
        ("SOPInstanceUID=1.2.3.4", ("1.2.3.4",)),
        ("analysis_result_id=BAMF-AIMI-Annotations", ("BAMF-AIMI-Annotations",)),
        (
            "crdc_series_uuid=fc41eae4-1d6a-4c48-9126-04d5d194405c,drs://dg.4DFC/fc41eae4-1d6a-4c48-9126-04d5d194405c",
            ("fc41eae4-1d6a-4c48-9126-04d5d194405c", "drs://dg.4DFC/fc41eae4-1d6a-4c48-9126-04d5d194405c"),
        ),
        ("source_DOI=10.7937/K9/TCIA.2015.PF0M9REI", ("10.7937/K9/TCIA.2015.PF0M9REI",)),
        (
            "series_aws_url=s3://idc-open-data/fc41eae4-1d6a-4c48-9126-04d5d194405c/*",
            ("s3://idc-open-data/fc41eae4-1d6a-4c48-9126-04d5d194405c/*",),
        ),
    ],
)
def test_a_link_names_what_to_show(query, sources):
    assert sources_of_link(f"slicer://idc-browser/?{query}") == sources


@pytest.mark.parametrize("url", ["slicer://viewer/?studyUID=1.2.3", "", "slicer://", "nonsense", "slicer://[broken"])
def test_links_of_others_are_left_alone(url):
    assert sources_of_link(url) is None


@pytest.mark.parametrize(
    "query",
    [
        "",
        "seriesInstanceUID=",
        "seriesInstanceUID=1.2.3;rm",
        "seriesInstanceUID=" + "1." * 40 + "1",
        "collection_id=../../etc/passwd",
        "seriesInstanceUID=1.2%00.3",
        "seriesInstanceUID=1.2%0a.3",
        "manifest=https://example.org/a.s5cmd",
        "manifest=//server/share/a.s5cmd",
        "manifest=%5C%5Cserver%5Cshare%5Ca.s5cmd",
        "manifest=relative.s5cmd",
        "PatientID=../../etc/passwd",
        "PatientID=/etc/passwd",
        "PatientID=.ssh",
        "series_aws_url=https://example.org/x/*",
        "series_aws_url=s3://idc-open-data/../x/*",
        "source_DOI=10.7937/../../etc",
        "manifest=/etc/passwd",
        "manifest=/nowhere/a.s5cmd",
        "seriesInstanceUID=" + ",".join(f"1.2.{n}" for n in range(501)),
        "&".join("seriesInstanceUID=1.2" for _ in range(600)),
        "seriesInstanceUID=" + "1" * 20_000,
    ],
)
def test_a_hostile_or_empty_link_is_refused_with_a_reason(query):
    with pytest.raises(InputError, match="link"):
        sources_of_link(f"slicer://idc-browser/?{query}")


def test_a_manifest_on_this_computer_may_be_linked(tmp_path):
    path = tmp_path / "a b.s5cmd"
    path.write_text(PORTAL)
    assert sources_of_link(f"slicer://idc-browser/?manifest={path.as_posix().replace(' ', '%20')}") == (path.as_posix(),)


@pytest.mark.parametrize(
    ("name", "text", "least", "most"),
    [
        ("a.s5cmd", PORTAL, 0.9, 1),
        ("a.s5cmd", "hello", 0, 0),
        ("a.s5cmd", "# Manifest generated\n", 0.55, 0.9),
        ("a.s5cmd", "", 0, 0),
        ("a.csv", "collection_id,SeriesInstanceUID,idc_version\nx,1.2,25\n", 0.55, 1),
        ("a.csv", "x,y\n1,2\n", 0, 0),
        ("a.csv", "free text\n\nSeriesInstanceUID,note\n1.2,a\n", 0.1, 0.53),
        ("a.tcia", "downloadServerUrl=x\nListOfSeriesToDownload=\n1.2\n", 0.9, 1),
        ("a.tcia", "nothing", 0, 0),
        ("a.txt", PORTAL, 0.9, 1),
        ("a.txt", "s5cmd --no-sign-request cp s3://idc-open-data/x/* .", 0.9, 1),
        ("a.txt", "a note\nof somebody\n", 0, 0),
        ("a.txt", "35459457-bd4c-4eef-9579-47f12fc6928e\n1.3.6.1.4.1.14519.5.2.1.7695\n", 0.55, 0.8),
        ("a.tsv", "collection_id\tcrdc_series_uuid\nx\t35459457\n", 0.55, 1),
        ("a.json", '{"series": [{"crdc_series_uuid": "x"}]}', 0.55, 1),
        ("a.json", '{"markups": []}', 0, 0),
        ("a.md", PORTAL, 0, 0),
        ("a.S5CMD", "sync s3://idc-open-data/x/* .", 0.9, 1),
        ("a.csv", "a\0b", 0, 0),
    ],
)
def test_confidence_comes_from_what_a_file_says(tmp_path, name, text, least, most):
    path = tmp_path / name
    path.write_text(text)
    assert least <= manifest_confidence(str(path)) <= most


def test_of_a_huge_file_only_the_beginning_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.write(b"a,b\n")
        file.truncate(500_000_000)
    assert manifest_confidence(str(path)) == 0.0


def test_folders_and_missing_files_are_no_manifests(tmp_path):
    folder = tmp_path / "folder.s5cmd"
    folder.mkdir()
    assert manifest_confidence(str(folder)) == 0.0 and manifest_confidence(str(tmp_path / "no.s5cmd")) == 0.0


def test_a_drop_is_taken_only_when_all_of_it_are_manifests(tmp_path):
    good, other = tmp_path / "a.s5cmd", tmp_path / "b.txt"
    good.write_text(PORTAL)
    other.write_text("x")
    assert are_manifests([str(good)])
    assert not are_manifests([str(good), str(other)]) and not are_manifests([])
