"""What IDC itself lists as wrong stands beside the rows that it touches, and beside no other."""

from typing import Any

import pytest

from IDCBrowserLib.catalog.about.known_issues import section_of


@pytest.mark.parametrize(
    ("row", "title"),
    [
        ({"analysis_result_id": "rms_mutation_prediction_expert_annotations", "PatientAge": "012Y"}, "Swapped labels"),
        ({"analysis_result_id": "totalsegmentator_ct_segmentations"}, "Left out"),
        ({"PatientAge": "091Y"}, "Age"),
        ({"PatientAge": "155Y", "collection_id": "cc_radiomics_phantom"}, "Age"),
    ],
)
def test_a_row_that_is_touched_says_so_with_the_source(row: dict[str, Any], title: str) -> None:
    (section,) = section_of(row)
    assert section["heading"].startswith("Known issues (IDC User Guide")
    assert [item[0] for item in section["items"]] == [title]


@pytest.mark.parametrize("age", [None, "", "090Y", "089Y", "120M", "Y", "abcY", "9" * 5000 + "Y", "\u0661\u0662\u0663Y"])
def test_other_rows_say_nothing(age: str | None) -> None:
    assert section_of({"analysis_result_id": None, "PatientAge": age}) == []
    assert section_of({"PatientAge": age, "collection_id": "rms_mutation_prediction"}) == []
