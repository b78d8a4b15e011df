"""How the sources of data want to be cited. The texts come with the index of IDC, so no server is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from IDCBrowserLib.catalog.about.plain_text import plain_text
from IDCBrowserLib.catalog.connection import ask

if TYPE_CHECKING:
    import duckdb

IDC_PAPER = (
    "Fedorov, A., Longabaugh, W. J. R., Pot, D., Clunie, D. A., Pieper, S. D., Gibbs, D. L., et al. (2023). National Cancer Institute Imaging Data "
    "Commons: Toward Transparency, Reproducibility, and Scalability in Imaging Artificial Intelligence. RadioGraphics 43(12). "
    "https://doi.org/10.1148/rg.230180"
)
# The same for BibTeX.
IDC_PAPER_FIELDS = {
    "author": "Fedorov, A. and Longabaugh, W. J. R. and Pot, D. and Clunie, D. A. and Pieper, S. D. and Gibbs, D. L. and others",
    "title": "National Cancer Institute Imaging Data Commons: Toward Transparency, Reproducibility, and Scalability in Imaging Artificial "
    "Intelligence",
    "journal": "RadioGraphics",
    "year": "2023",
    "volume": "43",
    "number": "12",
    "doi": "10.1148/rg.230180",
    "url": "https://doi.org/10.1148/rg.230180",
}
_COLLECTIONS = "SELECT source.source_doi, source.source_title, source.citation FROM (SELECT unnest(sources) AS source FROM collections)"
_RESULTS = "SELECT source_DOI, analysis_result_title, citation FROM analysis_results"


@dataclass(frozen=True)
class SourceText:
    """``title`` and ``citation`` as plain text; empty where the index has none."""

    title: str = ""
    citation: str = ""


def source_texts(connection: duckdb.DuckDBPyConnection, dois: Iterable[str]) -> dict[str, SourceText]:
    """By DOI, in lower case (DOIs differ in nothing by letter case, ISO 26324); those that no collection or analysis result has are left out."""
    wanted = {doi.lower() for doi in dois}
    found: dict[str, SourceText] = {}
    for query in (_COLLECTIONS, _RESULTS):
        for doi, title, citation in ask(connection, query).fetchall():
            key = (doi or "").lower()
            if key in wanted and (key not in found or not found[key].citation):
                found[key] = SourceText(_one_line(title), _one_line(citation))
    return found


def _one_line(html: str | None) -> str:
    return " ".join(plain_text(html).split())
