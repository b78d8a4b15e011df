"""Folder names that every system takes and that never leave the chosen folder."""

from __future__ import annotations

import pytest
from helpers.planned import planned
from hypothesis import given
from hypothesis import strategies as st

from IDCBrowserLib.transfer.folders.layout import WINDOWS_MAX_PATH, is_safe_file_name, safe_name, series_directory

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"


def test_the_default_is_the_hierarchy_of_idc_index() -> None:
    from idc_index.index import IDCClient

    assert IDCClient.DOWNLOAD_HIERARCHY_DEFAULT == "%collection_id/%PatientID/%StudyInstanceUID/%Modality_%SeriesInstanceUID"
    series = planned(UUID, patient_id="ZZ RIDER MR8 1")
    assert series_directory(series, "/data") == "test_collection/ZZ RIDER MR8 1/1.2.826.0.1.3680043.1.1/CT_1.2.826.0.1.3680043.2.1"


def test_a_prior_version_does_not_mix_with_the_current_one() -> None:
    assert series_directory(planned(UUID, idc_version=9, is_prior=True), "/data").endswith(f"/CT_1.2.826.0.1.3680043.2.1_v{UUID}")


_IMPOSSIBLE = ["CON", "con", "nul.txt", "COM1", "lpt9.a", "a.", "a ", " a", "a:b", "a/b", "a\\b", "..", ".", "", "a\0b", "a\nb", "x" * 300]


@pytest.mark.parametrize("name", _IMPOSSIBLE)
def test_names_that_windows_cannot_hold_are_changed(name: str) -> None:
    changed = safe_name(name)
    assert changed != name
    assert safe_name(changed) == changed


@pytest.mark.parametrize(
    ("name", "is_kept"), [("x" * 120, True), ("x" * 121, False), ("é" * 120, True), ("画" * 80, True), ("画" * 81, False), ("y" * 1000, False)]
)
def test_a_name_has_at_most_a_hundred_and_twenty_characters_and_twice_as_many_bytes(name: str, is_kept: bool) -> None:
    changed = safe_name(name)
    assert (changed == name) is is_kept
    if not is_kept:
        kept, _, mark = changed.rpartition("_")
        assert len(kept.encode()) == 111 and name.startswith(kept) and len(mark) == 8
        assert safe_name(name + "z") != changed


def test_different_names_stay_different() -> None:
    names = ["a:b", "a/b", "a\\b", "a_b", "a|b", "CON", "_CON", "a.", "a..", "a"]
    assert len({safe_name(name).lower() for name in names}) == len(names)


@given(st.text(max_size=200))
def test_any_text_becomes_one_harmless_name(name: str) -> None:
    changed = safe_name(name)
    assert changed not in ("", ".", "..")
    assert not set(changed) & set('<>:"/\\|?*\0')
    assert not changed.endswith((".", " "))
    assert len(changed) <= 140


def test_a_layout_is_taken_up_to_the_last_character_that_windows_can_hold() -> None:
    series = planned(UUID)
    long, short, shortest = series_directory(series, "/", windows=False), f"test_collection/{UUID}", UUID[:8]
    for layout, shorter in ((long, short), (short, shortest)):
        # MAX_PATH of Windows is 260 with the zero at the end.
        deepest = "d" * (259 - len(f"/{layout}/{UUID}.dcm"))
        for folder, expected in ((deepest, layout), (f"{deepest}\\", layout), (f"{deepest}d", shorter)):
            assert series_directory(series, folder, windows=True) == expected


def test_paths_that_windows_cannot_hold_get_the_short_layout() -> None:
    series = planned(UUID, study_uid="1." * 31 + "1", series_uid="2." * 31 + "2", patient_id="P" * 60)
    deep, deeper = "C:\\" + "d" * 40, "C:\\" + "d" * 190
    assert series_directory(series, "C:\\d", windows=True).count("/") == 3
    assert series_directory(series, deep, windows=True) == f"test_collection/{UUID}"
    assert series_directory(series, deeper, windows=True) == UUID[:8]
    for folder in (deep, deeper):
        assert len(f"{folder}\\{series_directory(series, folder, windows=True)}\\{UUID}.dcm") <= WINDOWS_MAX_PATH
    assert series_directory(series, "/" + "d" * 200, windows=False).count("/") == 3


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        (f"{UUID}.dcm", True),
        ("a-b_c.1", True),
        ("../a", False),
        ("a/b", False),
        ("..", False),
        (".hidden", False),
        ("nul.dcm", False),
        ("a.", False),
        ("a b", False),
        ("a'b", False),
        ("", False),
        ("a\nb", False),
        ("-x", False),
        ("*.dcm", False),
    ],
)
def test_names_of_objects_in_a_bucket(name: str, safe: bool) -> None:
    assert is_safe_file_name(name) is safe
