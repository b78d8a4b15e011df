"""Citations for the data of a plan: sources, licenses, and what to cite."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from IDCBrowserLib.catalog.about.citations import IDC_PAPER, IDC_PAPER_FIELDS
from IDCBrowserLib.selection import bibtex
from IDCBrowserLib.selection.plan import Plan, is_noncommercial
from IDCBrowserLib.wording import human_count, human_size

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog


@dataclass(frozen=True)
class CitedSource:
    """One DOI of the plan. ``citation`` is empty where the index states none; ``licenses`` are those of its series in the plan."""

    doi: str
    title: str
    citation: str
    licenses: tuple[str, ...]
    series: int

    def to_json(self) -> dict[str, Any]:
        """One entry of ``sources`` in the document of ``idc-browser cite``."""
        return {
            "doi": self.doi,
            "title": self.title,
            "citation": self.citation,
            "licenses": list(self.licenses),
            "series": self.series,
            "reference": self.describe(),
        }

    def describe(self) -> str:
        """One entry of a list of references."""
        address = f"https://doi.org/{self.doi}"
        text = self.citation or f"{self.title or 'Data'}."
        return text if self.doi.lower() in text.lower() else f"{text} {address}"


@dataclass(frozen=True)
class Citations:
    """``sources`` from the one with most series down; ``undocumented`` counts series without a DOI (prior versions have none)."""

    idc_version: str
    collections: tuple[str, ...]
    series: int
    size_bytes: int
    sources: tuple[CitedSource, ...]
    undocumented: int

    def to_json(self) -> dict[str, Any]:
        """The document of ``idc-browser cite``."""
        return {
            "idc_version": self.idc_version,
            "collections": list(self.collections),
            "series": self.series,
            "total_bytes": self.size_bytes,
            "sources": [source.to_json() for source in self.sources],
            "undocumented_series": self.undocumented,
            "idc": IDC_PAPER,
            "bibtex": self.bibtex(),
            "text": self.describe(),
        }

    def describe(self) -> str:
        """A paragraph for the methods, and the references."""
        return f"{self.methods()}\n\nReferences\n{self.references()}"

    def references(self) -> str:
        """A numbered list, the paper on IDC first."""
        texts = [IDC_PAPER, *(source.describe() for source in self.sources)]
        return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))

    def bibtex(self) -> str:
        """The references for LaTeX and reference managers."""
        paper = bibtex.entry_of("article", "idc_radiographics_2023", IDC_PAPER_FIELDS)
        return "\n\n".join([paper, *(bibtex.entry(source.doi, source.title, source.citation) for source in self.sources)]) + "\n"

    def methods(self) -> str:
        """The paragraph alone."""
        licenses = sorted({name for source in self.sources for name in source.licenses})
        what = f"{human_count(self.series, 'DICOM series', 'DICOM series')} ({human_size(self.size_bytes)})"
        where = f"{'collection' if len(self.collections) == 1 else 'collections'} {', '.join(self.collections)}"
        idc = f"release {self.idc_version} of the NCI Imaging Data Commons (https://imaging.datacommons.cancer.gov)"
        parts = [f"Data: {what} of the {where}, from {idc}, obtained with IDC Browser."]
        if licenses:
            parts.append(f"{'License' if len(licenses) == 1 else 'Licenses'}: {', '.join(licenses)}.")
        if any(is_noncommercial(name) for name in licenses):
            parts.append("Some of these data must not be used commercially (NC).")
        if self.undocumented:
            parts.append(f"The index states no DOI for {human_count(self.undocumented, 'series', 'series')}.")
        return " ".join(parts)


def cite(catalog: Catalog, plan: Plan) -> Citations:
    """What to cite for the series of ``plan``."""
    counts: Counter[str] = Counter()
    licenses: dict[str, dict[str, None]] = {}
    collections: dict[str, None] = {}
    for item in plan.series:
        collections[item.collection_id] = None
        doi = (item.source_doi or "").lower()
        counts[doi] += 1
        if item.license:
            licenses.setdefault(doi, {})[item.license] = None
    undocumented = counts.pop("", 0)
    texts = catalog.source_texts(counts)
    sources = tuple(
        CitedSource(doi, texts[doi].title if doi in texts else "", texts[doi].citation if doi in texts else "", tuple(licenses.get(doi, ())), number)
        for doi, number in counts.most_common()
    )
    version = str(catalog.info()["idc_version"])
    return Citations(version, tuple(sorted(collections)), len(plan.series), plan.total_bytes, sources, undocumented)
