"""How many patients have a chest CT with a nodule drawn by a person, for commercial use, in slices of at most 1.25 mm?

The index files of segmentations and of CT are made of some cases of LIDC-IDRI: half of the segmentations drawn by people, slices of 0.6 to 3 mm.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
from helpers.person import Person
from helpers.side_files import VERSION, write_side_index

from told.index import index_file

_SAID = ("chest, CT", "nodule", "by a person", "commercial use", "slices up to 1.25 mm")
_CHIPS = ["CHEST", "CT", "Nodule", "By a person", "Commercial use allowed", "Slice thickness at most 1.25 mm"]
_THICKNESS = (0.625, 1.25, 2.5, 3.0)
_CASES = ", ".join(f"'LIDC-IDRI-{number:04}'" for number in range(1, 9))


def _rows(modality: str) -> list[tuple[str, str]]:
    """Series and study of those cases, in the order of the file."""
    query = (
        f"SELECT SeriesInstanceUID, StudyInstanceUID FROM '{index_file()}' "
        f"WHERE collection_id = 'lidc_idri' AND PatientID IN ({_CASES}) AND Modality = '{modality}' ORDER BY PatientID, SeriesInstanceUID"
    )
    with duckdb.connect() as connection:
        return [(str(series), str(study)) for series, study in connection.execute(query).fetchall()]


def write_nodules(home: Path) -> set[str]:
    """The index of segmentations; gives the CT series of those that people drew."""
    images = {study: series for series, study in _rows("CT")}
    segs = [(series, images[study]) for series, study in _rows("SEG") if study in images]
    indexed = [
        {
            "SeriesInstanceUID": series,
            "segmented_SeriesInstanceUID": image,
            "total_segments": 1,
            "AlgorithmType": "MANUAL" if number % 2 else "AUTOMATIC",
            "SegmentedPropertyType_CodeMeanings": ["Nodule" if number % 2 else "Lung"],
        }
        for number, (series, image) in enumerate(segs)
    ]
    write_side_index(_folder(home), "seg_index", indexed)
    return {str(row["segmented_SeriesInstanceUID"]) for row in indexed if row["AlgorithmType"] == "MANUAL"}


def write_slices(home: Path) -> None:
    """The index of CT."""
    indexed = [{"SeriesInstanceUID": uid, "SliceThickness": _THICKNESS[number % 4], "KVP": 120.0} for number, (uid, _study) in enumerate(_rows("CT"))]
    write_side_index(_folder(home), "ct_index", indexed)


def _folder(home: Path) -> Path:
    return home / "cache" / "indices" / VERSION


def truth(home: Path) -> int:
    """The patients, by SQL on the same files."""
    folder = _folder(home)
    query = f"""
        SELECT count(DISTINCT (collection_id, PatientID)) FROM '{index_file()}' AS images
        WHERE Modality = 'CT' AND BodyPartExamined = 'CHEST' AND license_short_name NOT LIKE '%NC%'
        AND SeriesInstanceUID IN (SELECT SeriesInstanceUID FROM '{folder / "ct_index.parquet"}' WHERE SliceThickness <= 1.25)
        AND SeriesInstanceUID IN (SELECT segmented_SeriesInstanceUID FROM '{folder / "seg_index.parquet"}'
            WHERE AlgorithmType = 'MANUAL' AND list_contains(SegmentedPropertyType_CodeMeanings, 'Nodule'))
    """
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def answered_in_six_actions(person: Person, home: Path) -> None:
    """Open the filters, and five times type and press Enter; then the slider says the same."""
    wanted = truth(home)
    assert 0 < wanted < 8, "a question that tells patients apart"
    answer = f"= {wanted} {'case' if wanted == 1 else 'cases'} ("
    if not person.widget("filtersArea").isVisible():
        person.press("filtersButton")
    person.wait(lambda: person.browser.filters.state.totals, "the counts")
    for said in _SAID:
        person.type_into("findFilter", said)
        person.key(person.widget("findFilter"), "Return")
        person.wait(lambda: person.shown_text("findFilter") == "" and not person.client.pending, said)
    assert [person.shown_text(f"filterChip{number}").removesuffix("  ×") for number in range(6)] == _CHIPS
    person.wait(lambda: person.shown_text("filtersTotals").startswith(answer), "the answer")
    person.photograph("question")
    # Its slider says the same: the bins end where people ask.
    person.press("filterChip5")
    person.wait(lambda: not person.client.pending, "without it")
    assert not person.shown_text("filtersTotals").startswith(answer)
    bins = person.browser.filters.state.facet.bins
    assert [(low, high) for low, high, _count in bins] == [(thickness, thickness) for thickness in _THICKNESS]
    for _ in range(2):
        person.key(person.widget("rangeHighSlider"), "Left")
    person.wait(lambda: person.shown_text("filtersTotals").startswith(answer), "the same number")
