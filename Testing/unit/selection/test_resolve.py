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
from IDCBrowserLib.selection.search_text import SEARCH_PREFIX

STUDY = "1.2.826.0.1.3680043.10.1.1"
OLD = "00000000-0000-4000-8000-00000000aaaa"
REMOVED = "00000000-0000-4000-8000-00000000bbbb"
REMOVED_UID = "1.2.826.0.1.3680043.10.2.99"
# A study that is not in the current release: its series were in releases 4, 6, 5 and 3 for the last time.
REMOVED_STUDY = "1.2.826.0.1.3680043.10.9.1"
REMOVED_WITH_IT = {f"00000000-0000-4000-8000-00000000dd0{n}": release for n, release in enumerate((4, 6, 5, 3))}


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
                "idc-open-data-two" if n != 5 else "idc-open-data-next",
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
            *(
                (
                    "col_a",
                    "P1",
                    f"{REMOVED_STUDY}.{last}",
                    REMOVED_STUDY,
                    "CT",
                    "idc-open-idc1",
                    name,
                    1.0,
                    f"s3://x/{name}/*",
                    "idc-open-data",
                    1,
                    last,
                )
                for name, last in REMOVED_WITH_IT.items()
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
    assert [item.text for item in plan.unresolved] == [uuid(66), "1.2.840.99.98.97.96.95", "nonsense"]
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


@pytest.mark.parametrize("name", ["col_a", "col-a"])
def test_the_page_of_a_collection_is_that_collection_and_not_all_of_idc(catalog: Catalog, name: str) -> None:
    page = f"https://portal.imaging.datacommons.cancer.gov/collections/{name}/"
    assert resolve(catalog, [page]).series == resolve(catalog, ["col_a"]).series
    (item,) = resolve(catalog, ["https://portal.imaging.datacommons.cancer.gov/collections/moon_rocks/"]).unresolved
    assert "moon_rocks" in item.text or "moon_rocks" in item.reason


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
    assert [item.text for item in plan.unresolved] == ([text] if "no_such_thing" in text else [])


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


@pytest.mark.parametrize(("release", "planned"), [(9, []), (10, [1]), (11, [1])])
def test_a_table_row_of_the_release_that_revised_its_series_or_a_later_one_gets_it(
    catalog: Catalog, tmp_path: Path, release: int, planned: list[int]
) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(f"SeriesInstanceUID,idc_version\n{uid(1)},{release}\n")
    assert [item.series_uid for item in resolve(catalog, [str(path)]).series] == [uid(number) for number in planned]


@pytest.mark.parametrize(
    ("title", "value", "known_as"),
    [("SeriesInstanceUID", STUDY, "SeriesInstanceUID"), ("StudyInstanceUID", uid(1), "StudyInstanceUID"), ("SeriesInstanceUID", uid(1), "")],
)
def test_a_column_names_what_its_title_says_and_nothing_else(catalog: Catalog, tmp_path: Path, title: str, value: str, known_as: str) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(f"{title}\n{value}\n")
    plan = resolve(catalog, [str(path)])
    assert [item.reason for item in plan.unresolved] == ([f"it is known to IDC, but not as a {known_as}"] if known_as else [])
    assert len(plan.series) == (not known_as)


def test_a_removed_study_names_its_last_release_and_three_of_its_series(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "cohort.csv"
    path.write_text(f"StudyInstanceUID\n{REMOVED_STUDY}\n")
    for source in (REMOVED_STUDY, str(path)):
        plan = resolve(catalog, [source])
        assert plan.series == ()
        assert "removed from IDC after release 6;" in plan.unresolved[0].reason
        assert sum(name in plan.unresolved[0].reason for name in REMOVED_WITH_IT) == 3
        assert plan.unresolved[0].reason.endswith(" ...")
    alone = f"{REMOVED_STUDY}.4"
    assert resolve(catalog, [alone]).unresolved[0].reason.endswith(f": {next(iter(REMOVED_WITH_IT))}")


@pytest.mark.parametrize(
    ("bucket", "number", "is_taken"),
    [("idc-open-data-next", 5, True), ("idc-open-data", 5, True), ("idc-open-data-next", 4, False), ("elsewhere", 5, False)],
)
def test_a_bucket_is_one_of_idc_or_the_one_in_which_the_series_lies(catalog: Catalog, bucket: str, number: int, is_taken: bool) -> None:
    plan = resolve(catalog, [f"s3://{bucket}/{uuid(number)}/*"])
    assert [item.series_uid for item in plan.series] == [uid(number)] * is_taken
    assert [item.reason for item in plan.unresolved] == [f"{bucket} is not a bucket of IDC"] * (not is_taken)


@pytest.mark.parametrize(
    ("series", "files", "size"), [(uuid(3), 1, 1_166_666), (uuid(3), 2, 2_333_333), (uuid(3), 4, 3_500_000), (OLD, 1, 2_250_000)]
)
def test_single_files_have_their_part_of_the_size_of_their_series(catalog: Catalog, series: str, files: int, size: int) -> None:
    names = [f"00000000-0000-4000-8000-00000000f00{number}" for number in range(files)]
    plan = resolve(catalog, [f"s3://idc-open-data-two/{series}/{name}.dcm" for name in [*names, names[0]]])
    assert [(item.instances, item.size_bytes) for item in plan.series] == [(tuple(names), size)]
    (warning,) = plan.warnings
    assert warning.startswith(f"The size of {files} single file{' is' if files == 1 else 's are'} estimated")


def test_a_series_that_is_asked_for_as_well_includes_its_single_files(catalog: Catalog) -> None:
    one = f"s3://idc-open-data-two/{uuid(3)}/00000000-0000-4000-8000-00000000f001.dcm"
    plan = resolve(catalog, [one, uuid(3)])
    assert [(item.instances, item.size_bytes) for item in plan.series] == [((), 3_500_000)]
    assert plan.warnings == ()


def test_what_the_first_twenty_unknown_names_may_mean_is_looked_for(catalog: Catalog) -> None:
    plan = resolve(catalog, [f"cola_{' ' * number}" for number in range(3)] + [f"col_a{number:02}" for number in range(19)])
    assert [item.reason.endswith("?") for item in plan.unresolved].count(True) == 20
    assert len(plan.unresolved) == 22


def test_rows_of_the_same_case_are_looked_up_once(catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, ask = [], catalog.scoped_series
    monkeypatch.setattr(catalog, "scoped_series", lambda selections, *others: asked.append(selections) or ask(selections, *others))
    path = tmp_path / "cohort.csv"
    path.write_text("collection_id,PatientID\n" + "col_a,P2\ncol_b,P1\n" * 10)
    plan = resolve(catalog, [str(path)])
    assert [item.series_uid for item in plan.series] == [uid(3), uid(4), uid(5)]
    assert len(asked) == 2


def test_what_is_not_found_is_listed_by_source_and_line(catalog: Catalog, tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).write_text(f"nothing-1\nrm s3://idc-open-data/{uuid(1)}/*\nnothing-2\n")
    plan = resolve(catalog, [str(tmp_path / "b.txt"), str(tmp_path / "a.txt")])
    assert [(Path(item.source).name, item.line) for item in plan.unresolved] == [(name, line) for name in ("a.txt", "b.txt") for line in (1, 2, 3)]


@pytest.mark.parametrize("name", ["n" * 300, "a\0b"])
def test_what_cannot_be_the_name_of_a_file_names_nothing(catalog: Catalog, name: str) -> None:
    (item,) = resolve(catalog, [name]).unresolved
    assert item.text[:3] == name[:3] and not item.refused


def test_a_refused_source_is_shown_to_two_hundred_characters(catalog: Catalog) -> None:
    plan = resolve(catalog, [f"rm s3://idc-open-data/{'x' * 300}", f"cp s3://idc-open-data/{'x' * 300} .", f"{SEARCH_PREFIX}{'x' * 300}"])
    assert sorted((len(item.text), item.refused) for item in plan.unresolved) == [(200, False), (200, True), (200, True)]
