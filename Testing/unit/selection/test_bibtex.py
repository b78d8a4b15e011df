"""References for LaTeX, from citations as IDC's index has them."""

from __future__ import annotations

import re

import pytest

from IDCBrowserLib.selection.bibtex import entry

WHOLE = (
    "Newitt, D. C., O'Neil, A., Bialecki-Smith, B., & Hylton, N. (2016). Single site breast DCE-MRI data: 50 % & more (Version 2) [Data set]. "
    "The Cancer Imaging Archive. https://doi.org/10.7937/K9/TCIA.2016.QHSYHJKY"
)


def fields(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", text, re.MULTILINE))


def test_a_citation_is_taken_apart() -> None:
    text = entry("10.7937/k9/tcia.2016.qhsyhjky", "Other title", WHOLE)
    assert text.startswith("@misc{10_7937_k9_tcia_2016_qhsyhjky,\n") and text.endswith("\n}")
    assert fields(text) == {
        "author": "Newitt, D. C. and O'Neil, A. and Bialecki-Smith, B. and Hylton, N.",
        "title": r"{Single site breast DCE-MRI data: 50 \% \& more}",
        "year": "2016",
        "publisher": "The Cancer Imaging Archive",
        "edition": "Version 2",
        "doi": "10.7937/k9/tcia.2016.qhsyhjky",
        "url": "https://doi.org/10.7937/k9/tcia.2016.qhsyhjky",
    }


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        ("National Lung Screening Trial Research Team.", "{National Lung Screening Trial Research Team}"),
        ("Clunie, D., GTEx Consortium, & Fedorov, A.", r"{Clunie, D., GTEx Consortium, \& Fedorov, A}"),
        ("Doe, J., Roe, R., et al.", "Doe, J. and Roe, R. and others"),
        ("Doe, J.-P.", "Doe, J.-P."),
        ("Válek, V., & Štork, M.", "Válek, V. and Štork, M."),
    ],
)
def test_persons_are_told_apart_and_groups_stay_one_name(authors: str, shown: str) -> None:
    assert fields(entry("10.1/x", "", f"{authors} (2020). Lungs [Data set]. Zenodo."))["author"] == shown


def test_what_is_written_otherwise_is_kept_as_it_is() -> None:
    assert fields(entry("10.1/x", "Brains", "See the web page_1."))["note"] == r"See the web page\_1."
    assert fields(entry("10.1/x", "Brains", "")) == {"title": "{Brains}", "doi": "10.1/x", "url": "https://doi.org/10.1/x"}
    assert fields(entry("", "", ""))["title"] == "{Data}"


def test_a_title_ends_where_its_kind_is_stated_first_and_a_key_has_eighty_letters() -> None:
    found = fields(entry("", "", "Doe, J. (2020). Lungs. Once more [dataset], revised [Data set]. An archive. doi: 10.1/x"))
    assert (found["title"], found["publisher"]) == ("{Lungs. Once more}", ", revised [Data set]. An archive")
    for length in (79, 80, 81):
        assert entry("a" * length, "", "").partition(",")[0] == f"@misc{{{'a' * min(length, 80)}"
