"""Lists of identifiers as other programs take them, and identifiers in what people paste."""

from __future__ import annotations

import pytest

from IDCBrowserLib.catalog.search.pasted import bare, doi_of
from IDCBrowserLib.selection import unknown_ids
from IDCBrowserLib.selection.manifest import identifier
from IDCBrowserLib.selection.unknown_ids import parts_of

UUID = "28621ba9-1aca-4aab-a2a1-f6d2c3e2ab19"


@pytest.mark.parametrize("text", ["a,b", "a; b", " 'a' ,\"b\",", "a,,b;"])
def test_a_list_with_commas_or_semicolons_is_its_parts(text: str) -> None:
    assert [part.value for part in parts_of(identifier(text, "typed", None, text))] == ["a", "b"]


def test_a_single_identifier_and_one_with_blanks_is_no_list() -> None:
    assert parts_of(identifier("Patient 1", "typed", None, "Patient 1")) == []


def test_of_a_very_long_list_so_many_are_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unknown_ids, "_MAX_PARTS", 3)
    assert [part.value for part in parts_of(identifier("a,b,c,d", "typed", None, "a,b,c,d"))] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.5072/x", "10.5072/x"),
        ("10.5072/X-Y.Z(1)", "10.5072/x-y.z(1)"),
        ("doi: 10.5072/x", "10.5072/x"),
        ("DOI:10.5072/x/", "10.5072/x"),
        ("https://doi.org/10.5072%2Fx", "10.5072/x"),
        ("http://dx.doi.org/10.5072/x", "10.5072/x"),
        ("“10.5072/x”,", "10.5072/x"),
        ("10.507/x", ""),
        ("10.1234567890/x", ""),
        ("10.5072/", ""),
        ("10.5072", ""),
        ("see 10.5072/x", ""),
        ("1.2.3", ""),
    ],
)
def test_a_doi_is_one_by_its_form(text: str, doi: str) -> None:
    assert doi_of(text) == doi


@pytest.mark.parametrize(
    "text", [f"s3://idc-open-data/{UUID}/*", f"gs://b/{UUID}/a.dcm", f"https://idc-open-data.s3.amazonaws.com/{UUID}/", f" '{UUID}', ", UUID]
)
def test_the_series_of_a_bucket_address_is_its_uuid(text: str) -> None:
    assert bare(text) == UUID
