"""Methods on the catalog: tables and their rows, search, facets and details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, TypedDict, final

from IDCBrowserLib.api.method import Method, Rank
from IDCBrowserLib.api.values import Buckets, Filters, Folders, Length, Nothing, Range, Row, Section, Selection, Unit, Value


class Release(TypedDict):
    """The release in use and what is in it: ``idc_version`` as a text ("25"), ``index_version`` of its files, ``bundled_version`` of the
    installed package and whether its files are in use (``is_bundled``); ``cached``: whether it is laid out for fast browsing.
    """

    idc_version: str
    index_version: str
    bundled_version: str
    is_bundled: bool
    collections: int
    cases: int
    studies: int
    series: int
    bytes: int
    sources: Sequence[str]
    cached: bool


class Info(Release):
    """``release_problem``: why a newer release that was fetched is not in use. ``collection_names`` by id, of those that have one."""

    release_problem: str
    collection_names: Mapping[str, str]


INFO: Method[Nothing, Info] = Method("catalog.info", "query")


class Readiness(TypedDict):
    """``cached``: the catalog is laid out for fast browsing; ``preparing``: it is going to be, without anybody asking."""

    cached: bool
    preparing: bool


READINESS: Method[Nothing, Readiness] = Method("catalog.readiness", "aside", Rank.LATER)


class _OfLevel(TypedDict):
    level: str


class ViewParameters(_OfLevel, total=False):
    """``parents``: rows of a higher level, None for everything; ``order_by``: [column, "asc" or "desc"]; ``further``: columns of side indices
    (``catalog.further``), left out where the index is not here. Studies and series are also sorted by "status", which needs ``here``, the folders
    to look in: what is in the database first, what is only in IDC last; of series those before all that are ``loaded`` into the scene.
    """

    parents: Sequence[Selection] | None
    filters: Filters
    text: str
    order_by: Sequence[Annotated[Sequence[str], Length(2)]]
    further: Sequence[str]
    here: Folders
    loaded: Sequence[str]


class View(TypedDict):
    """``rows``: the first 200. What a row counts is what selecting it means, under the filters of the view."""

    view: int
    level: str
    total: int
    columns: Sequence[str]
    id_columns: Sequence[str]
    rows: Sequence[Row]


VIEW: Method[ViewParameters, View] = Method("catalog.view", "query", Rank.NEXT)
"""Sorts the rows of a level and keeps them. Close it with ``CLOSE_VIEW``; of too many open ones those not used longest are closed."""


class ViewHandle(TypedDict):
    """An open view."""

    view: int


CLOSE_VIEW: Method[ViewHandle, Nothing] = Method("catalog.close_view", "aside", Rank.LATER)


class PageParameters(ViewHandle):
    """``limit`` rows from ``offset`` on, at most 10,000."""

    offset: int
    limit: int


class Rows(TypedDict):
    """In the order of the columns that were asked for, or of the view."""

    rows: Sequence[Row]


PAGE: Method[PageParameters, Rows] = Method("catalog.page", "query", Rank.NEXT)


class RangesParameters(ViewHandle):
    """``columns``: None for all. At most 10,000 rows."""

    ranges: Sequence[Range]
    columns: Sequence[str] | None


ROWS: Method[RangesParameters, Rows] = Method("catalog.rows", "query", Rank.NEXT)


class RowOfParameters(ViewHandle):
    """``id`` of a row."""

    id: str


class RowNumber(TypedDict):
    """None when the view does not show it."""

    row: int | None


ROW_OF: Method[RowOfParameters, RowNumber] = Method("catalog.row_of", "query", Rank.NEXT)


class _SaveTable(ViewHandle):
    file: str


class SaveTableParameters(_SaveTable, total=False):
    """``columns`` come first; ``ranges``: None for all rows."""

    columns: Sequence[str]
    ranges: Sequence[Range] | None


class SavedTable(TypedDict):
    """A CSV file with every column."""

    file: str
    rows: int
    bytes: int


SAVE_TABLE: Method[SaveTableParameters, SavedTable] = Method("catalog.save_table", "file")


class RowId(TypedDict):
    """One row of a level."""

    level: str
    id: str


class SlideLevel(TypedDict):
    """Files of a slide that show the same at one resolution: ``kind`` is "level", "label", "overview" or "thumbnail".

    ``number`` of a level, from 0 for the largest, None for the others. ``rows`` and ``columns`` are 0 and the rest None where the index does not
    state them. ``instances`` are the names of the files (crdc_instance_uuid), ``addresses`` where they lie in the buckets.
    """

    number: int | None
    kind: str
    rows: int
    columns: int
    spacing_mm: float | None
    bytes: int | None
    transfer_syntax: str
    sop_instances: Sequence[str]
    instances: Sequence[str]
    addresses: Sequence[str]


class Details(TypedDict):
    """``items`` are (label, value); ``links`` (label, address, kind) with the kinds "viewer", "volview", "portal" and "doi"; side indices in
    ``missing_indices`` would say more. ``levels`` are those of a slide.
    """

    title: str
    items: Sequence[Sequence[str]]
    sections: Sequence[Section]
    links: Sequence[Sequence[str]]
    text: str
    missing_indices: Sequence[str]
    levels: Sequence[SlideLevel]


DETAILS: Method[RowId, Details] = Method("catalog.details", "aside", Rank.LATER)


class SearchParameters(TypedDict):
    """At most ``limit`` hits."""

    text: str
    limit: int


class Hit(TypedDict):
    """Fields as of ``catalog.search.search_hits.Hit``. ``filters`` of a text that several series share."""

    level: str
    id: str
    label: str
    description: str
    collection_id: str
    score: float
    filters: Filters
    kind: str
    count: int
    text: str


class Found(TypedDict):
    """Best first. ``more``: how many of each kind are not among them, None where nobody counted them."""

    hits: Sequence[Hit]
    more: Mapping[str, int | None]


class Hits(Found):
    """Of what is in ``missing_indices`` nothing was found."""

    missing_indices: Sequence[str]


SEARCH: Method[SearchParameters, Hits] = Method("catalog.search", "search", Rank.FIRST)


class FiltersParameters(TypedDict):
    """Filters, by column."""

    filters: Filters


class Totals(TypedDict):
    """What filters leave."""

    series: int
    studies: int
    cases: int
    bytes: int


# A value, and how many series have it.
Count = tuple[Value, int]


class Facets(TypedDict):
    """``counts`` by column, most frequent first; a facet ignores its own filter."""

    counts: Mapping[str, Sequence[Count]]
    totals: Totals
    missing_indices: Sequence[str]


FACETS: Method[FiltersParameters, Facets] = Method("catalog.facets", "facets", Rank.FIRST)


class _FacetParameters(FiltersParameters):
    column: str


class FacetParameters(_FacetParameters, total=False):
    """The column whose values are to be counted; in "series" unless ``unit`` says "studies" or "cases", which numbers are not counted in."""

    unit: Unit


@final
class FacetValues(TypedDict):
    """Of texts: the most frequent values."""

    values: Sequence[Count]


@final
class FacetBins(TypedDict):
    """Of numbers: (first, last, series); None without any. ``not_stated`` series have no number."""

    bins: Sequence[Sequence[float]]
    min: float | None
    max: float | None
    not_stated: int


@final
class MissingIndex(TypedDict):
    """The side index that is needed for an answer and is not here."""

    missing_index: str


FacetDetails = FacetValues | FacetBins | MissingIndex

FACET_DETAILS: Method[FacetParameters, FacetDetails] = Method("catalog.facet_details", "facet details", Rank.NEXT)
"""A facet that is counted only while it is looked at."""


class TextParameters(TypedDict):
    """A text, and how many answers are wanted."""

    text: str
    limit: int


@final
class FoundValues(TypedDict):
    """(column, value, series) of filter values that contain a text, best first."""

    values: Sequence[tuple[str, Value, int]]


FIND_VALUES: Method[TextParameters, FoundValues] = Method("catalog.find_values", "filter values", Rank.FIRST)


class SeriesId(TypedDict):
    """A SeriesInstanceUID."""

    id: str


class SeriesRow(TypedDict):
    """A row of the table of series, with the column names of idc-index."""

    SeriesInstanceUID: str
    SeriesNumber: str | None
    Modality: str | None
    SeriesDescription: str | None
    BodyPartExamined: str | None
    instanceCount: int | None
    series_size_MB: float | None
    SeriesDate: str | None
    sop_class_name: str | None
    analysis_result_id: str | None
    license_short_name: str | None
    Manufacturer: str | None
    ManufacturerModelName: str | None
    transfer_syntax_name: str | None
    collection_id: str
    PatientID: str
    StudyInstanceUID: str
    StudyDate: str | None
    StudyDescription: str | None
    PatientAge: str | None
    PatientSex: str | None
    SOPClassUID: str | None
    TransferSyntaxUID: str | None
    PhotometricInterpretation: str | None
    PixelRepresentation: str | None
    source_DOI: str | None
    series_init_idc_version: int | None
    series_revised_idc_version: int | None
    aws_bucket: str | None
    crdc_series_uuid: str
    series_aws_url: str | None


class RelatedSeries(SeriesRow):
    """``relation``: "refers to it", "it refers to this" or "same study"; ``through``: modalities of the objects between, of a dose for example that
    of its plan. ``contents``: names of segments or ROIs, ``parts`` of them, None where no index counts them; ``algorithm`` that made it.
    """

    relation: str
    through: Sequence[str]
    contents: Sequence[str]
    parts: int | None
    algorithm: str


class Related(TypedDict):
    """What belongs to a series. ``unread``: of how many objects of the study it is not known what they refer to; ``elsewhere``: how many refer to
    other series, and are not listed.
    """

    series: Sequence[RelatedSeries]
    warnings: Sequence[str]
    missing_indices: Sequence[str]
    unread: int
    elsewhere: int


RELATED: Method[SeriesId, Related] = Method("catalog.related", "aside", Rank.LATER)


class _ReadRelated(SeriesId, Folders):
    ask_buckets: bool


class ReadRelatedParameters(_ReadRelated, Buckets):
    """Objects that are here are read in any case, others where they are fetched from only with ``ask_buckets``."""


READ_RELATED: Method[ReadRelatedParameters, Related] = Method("catalog.read_related", "relations")
"""As ``RELATED``, with the references of objects that no index has: of at most 64 series of the study, of each the beginning of some objects."""


class SeriesFolder(TypedDict):
    """A series, and the folder of its files on this computer; "" where it is not known."""

    SeriesInstanceUID: str
    folder: str


class ProvenanceParameters(TypedDict):
    """Series whose origin is asked for."""

    series: Sequence[SeriesFolder]


class Provenance(TypedDict):
    """With the column names of idc-index. ``idc_version``: the release in use, or the last one that had a version which was replaced.

    ``crdc_series_uuid`` and ``idc_version`` are None where it is not certain which version the files are of.
    """

    SeriesInstanceUID: str
    collection_id: str
    crdc_series_uuid: str | None
    idc_version: int | None
    license_short_name: str | None
    source_DOI: str | None


class Provenances(TypedDict):
    """Of the series that the index has, in the order asked for."""

    series: Sequence[Provenance]


PROVENANCE: Method[ProvenanceParameters, Provenances] = Method("catalog.provenance", "origins")
"""Where series come from, for nodes of the scene and the headers of files."""
