"""Manifests and identifiers against a small catalog with current, prior and removed series."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.catalog.files.sources import Sources
from IDCBrowserLib.errors import NotFoundError
from IDCBrowserLib.selection import resolve as resolving
from IDCBrowserLib.selection.resolve import resolve

STUDY = "1.2.826.0.1.3680043.10.1.1"
OLD = "00000000-0000-4000-8000-00000000aaaa"
REMOVED = "00000000-0000-4000-8000-00000000bbbb"
REMOVED_UID = "1.2.826.0.1.3680043.10.2.99"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def uid(number: int) -> str:
    return f"1.2.826.0.1.3680043.10.2.{number}"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("index")
    rows = ", ".join(
        str(
            (
                "col_a" if n < 4 else "col_b",
                "P1" if n != 3 else "P2",
                STUDY if n < 4 else f"{STUDY}.2",
                uid(n),
                "SEG" if n == 2 else "CT",
                n,
                "CC BY-NC 4.0" if n == 3 else "CC BY 4.0",
                "idc-open-data-two",
                uuid(n),
                n + 0.5,
                "it''s",
                "10.5072/x",
                10 if n == 1 else 1,
            )
        ).replace('"', "'")
        for n in range(1, 6)
    )
    prior = ", ".join(
        str(row)
        for row in (
            ("col_a", "P1", uid(1), STUDY, "CT", "idc-open-idc1", OLD, 2.25, f"s3://idc-open-data-two/{OLD}/*", "idc-open-data-two", 3, 9),
            (
                "col_a",
                "P1",
                REMOVED_UID,
                STUDY,
                "CT",
                "idc-open-idc1",
                REMOVED,
                1.0,
                f"s3://idc-open-data-two/{REMOVED}/*",
                "idc-open-data-two",
                1,
                12,
            ),
        )
    )
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM (VALUES {rows}) AS t(collection_id, PatientID, StudyInstanceUID, SeriesInstanceUID, Modality, instanceCount, "
            f"license_short_name, aws_bucket, crdc_series_uuid, series_size_MB, SeriesDescription, source_DOI, series_revised_idc_version)) "
            f"TO '{folder}/idc_index.parquet' (FORMAT parquet)"
        )
        connection.execute(
            f"COPY (SELECT * FROM (VALUES {prior}) AS t(collection_id, PatientID, SeriesInstanceUID, StudyInstanceUID, "
            "Modality, gcs_bucket, crdc_series_uuid, series_size_MB, series_aws_url, aws_bucket, min_idc_version, max_idc_version)) "
            f"TO '{folder}/prior_versions_index.parquet' (FORMAT parquet)"
        )
    with Catalog(sources=Sources((folder / "idc_index.parquet",), prior_versions=folder / "prior_versions_index.parquet")) as opened:
        yield opened


@pytest.fixture
def manifest_file(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.s5cmd"
    path.write_text(
        f"# comment\ncp s3://idc-open-data-two/{uuid(1)}/* .\ncp s3://idc-open-idc1/{uuid(2)}/* .\ncp s3://idc-open-data-two/{OLD}/*  .\n"
        f"cp s3://idc-open-data-two/{uuid(77)}/* .\ncp s3://elsewhere/{uuid(3)}/* .\nrm s3://idc-open-data-two/{uuid(4)}/*\n"
        f"cp s3://idc-open-data-two/{uuid(1)}/* .\n"
    )
    return path


def _check_manifest(catalog: Catalog, path: Path) -> None:
    plan = resolve(catalog, [str(path)])
    assert {item.crdc_series_uuid for item in plan.series} == {uuid(1), uuid(2), OLD}
    old = next(item for item in plan.series if item.crdc_series_uuid == OLD)
    assert old.to_json()["series_size_MB"] == 2.25
    assert (old.series_uid, old.idc_version, old.size_bytes, old.gcs_bucket) == (uid(1), 9, 2_250_000, "idc-open-idc1")
    assert plan.total_bytes == 1_500_000 + 2_500_000 + 2_250_000
    assert [(item.line, item.refused) for item in plan.unresolved] == [(5, False), (6, False), (7, True)]
    assert "elsewhere is not a bucket of IDC" in plan.unresolved[1].reason


def test_each_version_once_and_every_other_line_with_its_reason(catalog: Catalog, manifest_file: Path) -> None:
    _check_manifest(catalog, manifest_file)


def test_a_very_long_manifest_gives_the_same(catalog: Catalog, manifest_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "_MANY", 0)
    _check_manifest(catalog, manifest_file)


def test_a_very_long_plan_counts_and_slices_like_a_short_one(catalog: Catalog, manifest_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = resolve(catalog, [str(manifest_file)])
    monkeypatch.setattr(resolving, "_MANY", 0)
    long = resolve(catalog, [str(manifest_file)])
    assert sorted(long.series) == sorted(short.series)
    assert long.licenses == short.licenses
    assert [long.series[n] for n in range(3)] == list(long.series)
    assert list(long.series[1:3]) == list(long.series)[1:]
    assert long.series[-1] == list(long.series)[-1]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("col_a", [1, 2, 3]),
        ("col_b/P1", [4, 5]),
        ("P2", [3]),
        (STUDY, [1, 2, 3]),
        (uid(4), [4]),
        (uuid(5), [5]),
        (f"dg.4DFC/{uuid(5)}", [5]),
        (f"s3://idc-open-data-two/{uuid(5)}/*", [5]),
    ],
)
def test_identifiers_of_every_level(catalog: Catalog, text: str, numbers: list[int]) -> None:
    plan = resolve(catalog, [text])
    assert [item.crdc_series_uuid for item in plan.series] == [uuid(number) for number in numbers]
    assert plan.unresolved == ()


def test_a_patient_id_of_two_collections_asks_which(catalog: Catalog) -> None:
    plan = resolve(catalog, ["P1"])
    assert plan.series == ()
    assert "col_a/P1, col_b/P1" in plan.unresolved[0].reason


def test_a_removed_series_says_so_and_how_to_get_it(catalog: Catalog) -> None:
    plan = resolve(catalog, [REMOVED_UID])
    assert plan.series == ()
    assert "removed from IDC after release 12" in plan.unresolved[0].reason
    assert REMOVED in plan.unresolved[0].reason
    assert resolve(catalog, [REMOVED]).series[0].idc_version == 12


def test_a_table_row_of_an_earlier_release_does_not_get_another_version(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(f"SeriesInstanceUID,idc_version\n{uid(1)},8\n{uid(2)},8\n")
    plan = resolve(catalog, [str(path)])
    assert [item.crdc_series_uuid for item in plan.series] == [uuid(2)]
    assert plan.unresolved[0].line == 2
    assert "release 8" in plan.unresolved[0].reason
    assert "revised in release 10" in plan.unresolved[0].reason


def test_unknown_things_name_themselves(catalog: Catalog) -> None:
    plan = resolve(catalog, ["nonsense", uuid(66), "1.2.840.99.98.97.96.95"])
    assert [item.text for item in plan.unresolved] == ["1.2.840.99.98.97.96.95", uuid(66), "nonsense"] or len(plan.unresolved) == 3
    assert all(item.line is None for item in plan.unresolved)


def test_a_manifest_that_is_not_there(catalog: Catalog) -> None:
    with pytest.raises(NotFoundError, match=r"There is no file none\.s5cmd"):
        resolve(catalog, ["none.s5cmd"])


def test_an_empty_manifest_is_named(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "empty.s5cmd"
    path.write_text("# only a comment\n")
    assert "names no series" in resolve(catalog, [str(path)]).unresolved[0].reason


def test_addresses_of_the_portal(catalog: Catalog) -> None:
    portal = "https://portal.imaging.datacommons.cancer.gov/explore/filters/?"
    assert [item.crdc_series_uuid for item in resolve(catalog, [portal + "collection_id=col_a&Modality=SEG"]).series] == [uuid(2)]
    viewer = f"https://viewer.imaging.datacommons.cancer.gov/v3/viewer/?StudyInstanceUIDs={STUDY}.2"
    assert [item.crdc_series_uuid for item in resolve(catalog, [viewer]).series] == [uuid(4), uuid(5)]
    (item,) = resolve(catalog, [long := portal + "something_new=" + "1" * 300]).unresolved
    assert "is not supported" in item.reason and (item.source, item.text) == (long, long[:200])
    nothing = portal + "&".join(["collection_id=col_a&Modality=RTDOSE"] + ["collection_id=col_a"] * 20)
    (item,) = resolve(catalog, [nothing]).unresolved
    assert item.reason == "no series of IDC matches these filters" and (item.source, item.text) == (nothing, nothing[:200])


def test_the_document_of_a_plan(catalog: Catalog) -> None:
    document = resolve(catalog, ["col_a", "nonsense"]).to_json()
    assert document["series"][0]["SeriesInstanceUID"] == uid(1)
    assert document["total_bytes"] == 7_500_000
    assert document["licenses"] == {"CC BY 4.0": 2, "CC BY-NC 4.0": 1}
    assert document["noncommercial_series"] == 1
    assert set(document["unresolved"][0]) == {"source", "line", "text", "reason"}


@pytest.mark.parametrize("text", [f"{uid(4)},{uid(5)}", f"col_b/P1; {uid(4)}", "col_a,col_b", f"{uid(4)} , no_such_thing"])
def test_a_list_with_commas_is_its_parts(catalog: Catalog, text: str) -> None:
    plan = resolve(catalog, [text])
    assert {item.series_uid for item in plan.series} >= {uid(4)}
    assert [item.reason for item in plan.unresolved] == [] or "no_such_thing" in text


@pytest.mark.parametrize("text", ["10.5072/x", "doi:10.5072/X", "https://doi.org/10.5072/x", "https://doi.org/10.5072%2Fx", "“10.5072/X/”,"])
def test_a_doi_stands_for_the_series_that_came_with_it(catalog: Catalog, text: str) -> None:
    assert len(resolve(catalog, [text]).series) == 5


def test_a_doi_of_something_else_is_said(catalog: Catalog) -> None:
    (item,) = resolve(catalog, ["10.5072/y"]).unresolved
    assert item.reason == "no series of IDC has this DOI as its source"


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1.2.826.0.1.3680043.10.2.55", "1.2.826.0.1.3680043.10.2.5"), ("1.2.862.0.1.3680043.10.2.5", "1.2.826.0.1.3680043.10.2.5"), ("cola_", "col_a")],
)
def test_an_identifier_with_a_mistake_is_followed_by_what_was_meant(catalog: Catalog, text: str, meant: str) -> None:
    (item,) = resolve(catalog, [text]).unresolved
    assert item.reason.endswith("?") and meant in item.reason


def test_a_folder_of_its_own_is_a_warning_of_the_plan(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "m.s5cmd"
    path.write_text(f"cp s3://idc-open-data-two/{uuid(4)}/* /data/idc\n")
    plan = resolve(catalog, [str(path)])
    assert [item.series_uid for item in plan.series] == [uid(4)]
    assert "'/data/idc'. It is ignored" in plan.warnings[0]
