"""Names of segmentations in narrow lists."""

import pytest
from helpers.made_volumes import labelmap

from IDCBrowserLib.labelmap.types import Source
from IDCBrowserLib.scene.segments.labelmap_nodes import LoadAs, add_labelmap
from IDCBrowserLib.scene.segments.segment_rows import short_names
from IDCBrowserLib.scene.segments.segments import SceneSegments


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["P-1 1002: Organs, reader A", "P-1 1003: Organs, reader B"], ["Organs, reader A", "Organs, reader B"]),
        (["P-1 1002: Organs"], ["Organs"]),
        (["P-1 1002: Organs", "P-1 1003: Organs"], ["1002: Organs", "1003: Organs"]),
        (["P-1 1002: Organs", "P-2 1002: Organs"], ["P-1 1002: Organs", "P-2 1002: Organs"]),
        (["P-1 1002: Organs", "2: Lesion"], ["Organs", "Lesion"]),
        (["Segmentation A", "Segmentation B"], ["Segmentation A", "Segmentation B"]),
        (["P-1 1002: Organs", "Consensus of 2"], ["Organs", "Consensus of 2"]),
        (["P-1 1002: Organs", "Organs"], ["1002: Organs", "Organs"]),
        (["A 3: T: 4: x", "A 3: y"], ["T: 4: x", "y"]),
        (["A 3: x", "Agreement of A 3: x and A 3: y"], ["x", "Agreement of A 3: x and A 3: y"]),
        ([], []),
    ],
)
def test_what_all_names_share_is_left_out(names: list[str], short: list[str]) -> None:
    assert short_names(names) == short


@pytest.mark.parametrize(
    ("context", "algorithm_type", "maker"),
    [
        ({"ContentCreatorName": "READER^A"}, "MANUAL", "person: READER A"),
        ({"ContentCreatorName": "READER^A"}, "AUTOMATIC", "algorithm: Net"),
        ({"ContentCreatorName": "READER^A"}, "SEMIAUTOMATIC", "person with an algorithm: Net, READER A"),
        ({"OperatorsName": "OPERATOR^B", "ReviewerName": "READER^C"}, "", "READER C"),
        ({}, "MANUAL", "person"),
        ({}, "", ""),
    ],
)
def test_the_person_who_drew_a_segmentation_is_named_where_no_algorithm_did(scene, context: dict[str, str], algorithm_type: str, maker: str) -> None:
    from dataclasses import replace

    name = "Net" if algorithm_type in ("AUTOMATIC", "SEMIAUTOMATIC") else ""
    drawn = labelmap()
    segments = tuple(replace(one, algorithm_type=algorithm_type, algorithm_name=name) for one in drawn.segments)
    drawn = replace(drawn, segments=segments, source=Source("SEG", context=context))
    add_labelmap(scene, drawn, "1.2.3", [], load_as=LoadAs.SEGMENTATION)
    assert SceneSegments(scene).sources()[0].maker == maker
