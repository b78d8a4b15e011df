"""Series that were found, and what can be done with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idc_browser.progress import progress_of
from IDCBrowserLib.errors import IDCBrowserError, IncompleteError
from IDCBrowserLib.selection.plan import Plan, PlannedSeries
from IDCBrowserLib.task import Task

if TYPE_CHECKING:
    from IDCBrowserLib.catalog.catalog import Catalog
    from IDCBrowserLib.labelmap.types import Labelmap
    from IDCBrowserLib.transfer.report import TransferReport
    from IDCBrowserLib.volume.pixels import Volume

_SHOWN = 20
_THUMBNAIL_PIXELS = 96
_COLUMNS = ("collection_id", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "SeriesDescription", "instanceCount", "size_bytes")
_DRAWN = ("SEG", "RTSTRUCT")
# Words of the field -> columns of the index.
_WORDS = {
    "collection": "collection_id",
    "case": "PatientID",
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "modality": "Modality",
    "body_part": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "segment": "SegmentedPropertyType",
    "roi": "ROIName",
}
_COMMERCIAL = "commercial"


class Found(Sequence[PlannedSeries]):
    """Series of IDC, in an order that stays. Nothing of them has been downloaded; ``plan`` has sizes and licenses."""

    def __init__(self, plan: Plan, catalog_sources: Sequence[Path] = (), pictures: Mapping[str, str] | None = None) -> None:
        self.plan = plan
        self._sources = tuple(catalog_sources)
        self._pictures = pictures or {}

    def __len__(self) -> int:
        return len(self.plan.series)

    def __getitem__(self, index: Any) -> Any:
        found = self.plan.series[index]
        return Found(Plan(tuple(found)), self._sources) if isinstance(index, slice) else found

    def __repr__(self) -> str:
        counts = self.plan.counts
        return f"<{len(self):,} series of {counts['cases']:,} cases, {self.plan.total_bytes / 1e9:,.2f} GB>"

    def _repr_html_(self) -> str:
        """For notebooks: the first rows as a table."""
        names = (*(("",) if self._pictures else ()), *_COLUMNS)
        head = "".join(f"<th>{name}</th>" for name in names)
        rows = "".join(f"<tr>{self._picture(row)}{_cells(row)}</tr>" for row in self.rows(_SHOWN))
        more = f"<p>... and {len(self) - _SHOWN:,} more</p>" if len(self) > _SHOWN else ""
        return f"<p>{escape(repr(self)[1:-1])}</p><table><tr>{head}</tr>{rows}</table>{more}"

    def _picture(self, row: Mapping[str, Any]) -> str:
        if not self._pictures:
            return ""
        picture = self._pictures.get(row["SeriesInstanceUID"], "")
        return f'<td><img src="{picture}" width="{_THUMBNAIL_PIXELS}" alt=""></td>' if picture else "<td></td>"

    def with_thumbnails(self, limit: int = _SHOWN, *, task: Task | None = None, **options: Any) -> Found:
        """The same, shown in notebooks with a picture of each of the first ``limit`` series; one object of each is read from its bucket.

        A series of which no picture can be made has none. ``options`` are those of ``download``.
        """
        from base64 import b64encode

        from IDCBrowserLib import paths
        from IDCBrowserLib.preview.cache import PictureCache
        from IDCBrowserLib.preview.series import preview
        from IDCBrowserLib.transfer.options import TransferOptions

        chosen, cache, pictures = TransferOptions(**options).checked(), PictureCache(paths.cache_folder() / "previews"), {}
        with progress_of(task) as inner:
            for one in self.plan.series[:limit]:
                with suppress(IDCBrowserError):
                    file = preview(one, chosen, cache, inner, []).file
                    pictures[one.series_uid] = f"data:image/png;base64,{b64encode(file.read_bytes()).decode()}" if file else ""
                inner.raise_if_cancelled()
        return Found(self.plan, self._sources, pictures)

    def rows(self, limit: int | None = None) -> list[dict[str, Any]]:
        """A dictionary for each series; keys are the idc-index column names."""
        return [dict(one.to_json()) for one in self.plan.series[:limit]]

    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame``; needs pandas."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``, which polars reads without a copy: ``polars.from_arrow(found.to_arrow())``."""
        import pyarrow as pa

        return pa.Table.from_pylist(self.rows())

    def download(self, to: str | Path, *, with_images: bool = False, task: Task | None = None, **options: Any) -> TransferReport:
        """Download and verify; again it completes what is missing. ``with_images``: also the images that SEG and RTSTRUCT files name.

        ``options`` are those of ``TransferOptions``: ``provider``, ``endpoint_url``, ``jobs``, ``layout``... Raises ``IncompleteError`` with the
        reason where a series failed, ``StorageError`` without disk space or permission.
        """
        with progress_of(task) as inner:
            return self._fetch(to, with_images, inner, options)[1]

    def labelmaps(self, to: str | Path, *, task: Task | None = None, **options: Any) -> Iterator[Labelmap]:
        """Download SEG and RTSTRUCT with their images, and give their voxels one after the other.

        ``layers`` are arrays (k, j, i), ``geometry`` has spacing in mm and the place in LPS, ``segments`` names, codes, voxels and volumes.
        Raises ``ConversionError`` for an object that cannot be converted.
        """
        from IDCBrowserLib.labelmap.convert import convert_parts, describe

        drawn = Found(Plan(tuple(one for one in self.plan.series if one.modality in _DRAWN)), self._sources)
        report = drawn.download(to, with_images=True, task=task, **options)
        task = task or Task()
        files = {item.series.series_uid: [report.destination / item.directory / name for name in sorted(item.files())] for item in report.items}
        for one in drawn:
            for path in files[one.series_uid]:
                images = [image for uid in describe(path)["referenced_series_uids"] for image in files.get(uid, ())]
                yield from convert_parts(path, images or None, None, task)

    def volumes(self, to: str | Path, *, task: Task | None = None, **options: Any) -> Iterator[Volume]:
        """Download the image series, and give their voxels one after the other: ``voxels`` (k, j, i), ``geometry``, ``quantity`` with its unit."""
        from IDCBrowserLib.catalog.related import DERIVED_MODALITIES
        from IDCBrowserLib.volume.pixels import read_volume
        from IDCBrowserLib.volume.read_grids import read_image_grids

        images = Found(Plan(tuple(one for one in self.plan.series if one.modality not in DERIVED_MODALITIES)), self._sources)
        report = images.download(to, task=task, **options)
        task = task or Task()
        for item in report.items:
            files = [report.destination / item.directory / name for name in sorted(item.files())]
            for grid in read_image_grids(files, task, assume_positions=True):
                yield read_volume(grid, task)

    def clinical(self, *, task: Task | None = None, **options: Any) -> list[dict[str, Any]]:
        """What IDC's clinical tables say of the cases: a dictionary for each value, codes in words as ``meaning``; ``pandas.DataFrame`` takes it.

        Tables that are not on this computer are fetched; ``options`` are ``network`` and ``endpoint_url``. Raises ``InputError`` without the index
        file ``clinical_index``.
        """
        from IDCBrowserLib.catalog.about.clinical_tables import clinical_tables
        from IDCBrowserLib.cohort.clinical_values import CohortValues
        from IDCBrowserLib.network import Network

        with _catalog(self._sources) as catalog:
            release, index = catalog.release, catalog.side_index_file("clinical_index")
        cohort = CohortValues(clinical_tables(index, release), self.plan.series)
        with progress_of(task) as inner:
            cohort.fetch_missing(release, options.get("network") or Network(), options.get("endpoint_url", ""), inner)
            return [value._asdict() for value in cohort.values(inner)]

    def _fetch(self, to: str | Path, with_images: bool, task: Task, options: Mapping[str, Any]) -> tuple[Plan, TransferReport]:
        from IDCBrowserLib.engine.following import download_with_images
        from IDCBrowserLib.transfer.download import download
        from IDCBrowserLib.transfer.options import TransferOptions

        chosen, folder = TransferOptions(**options).checked(), Path(to).expanduser()
        if with_images:
            with _catalog(self._sources) as catalog:
                whole, report = download_with_images(catalog, self.plan, folder, chosen, task)
        else:
            whole, report = self.plan, download(self.plan, folder, chosen, task)
        task.raise_if_cancelled()
        if report.exit_code:
            raise IncompleteError(report.error or report.describe())
        return whole, report


def find(
    *,
    filters: Mapping[str, Any] | None = None,
    commercial: bool = False,
    license: str | Sequence[str] = "",
    limit: int | None = None,
    catalog_sources: Sequence[Path] = (),
    **columns: Any,
) -> Found:
    """Series by words or by columns of the index: ``find(modality="CT", segment="Nodule", license="commercial")``,
    ``find(collection_id="nlst", Modality=["CT", "SEG"], BodyPartExamined="CHEST")``.

    Words are collection, case, study, series, modality, body_part, manufacturer, segment, roi. Values of one column are alternatives, columns hold
    together. Segments and ROIs find segmentations and their images; they need the index files seg_index and rtstruct_index. ``license`` takes names
    ("CC BY 4.0"), or "commercial" for all that allow commercial use, which ``commercial=True`` says as well. ``filters`` takes what words cannot
    say: ``{"Modality": {"none": ["SM"]}}``, or what clinical tables on this computer say:
    ``{"clinical:gender": ["Female"]}``. Raises ``InputError`` for an unknown column, naming the known ones.
    """
    from IDCBrowserLib.selection.lookup import Lookup
    from IDCBrowserLib.selection.presets import apply_presets

    if license == _COMMERCIAL:
        commercial = True
    elif license:
        columns["license_short_name"] = license
    named = {_WORDS.get(name, name): value for name, value in columns.items()}
    wanted = {**{name: [value] if isinstance(value, str) else list(value) for name, value in named.items()}, **(filters or {})}
    with _catalog(catalog_sources) as catalog:
        rows, _ = catalog.list_rows("series", filters=wanted, limit=None if commercial else limit)
        uids = [str(row["SeriesInstanceUID"]) for row in rows]
        series = Lookup(catalog).series(uids)
    found = Plan(tuple(series[uid] for uid in uids if uid in series))
    if commercial:
        found = apply_presets(found, ("commercial",))
    return Found(Plan(tuple(found.series[:limit])), catalog_sources)


def plan(*sources: str, catalog_sources: Sequence[Path] = ()) -> Found:
    """Series of manifests and identifiers of any kind, as ``idc-browser plan`` takes them; ``plan.unresolved`` has what names nothing."""
    from IDCBrowserLib.network import Network
    from IDCBrowserLib.selection.drs import Drs
    from IDCBrowserLib.selection.resolve import resolve

    with _catalog(catalog_sources) as catalog:
        return Found(resolve(catalog, sources, drs=Drs(Network())), catalog_sources)


def _cells(row: Mapping[str, Any]) -> str:
    return "".join(f"<td>{escape(str(row[name] or ''))}</td>" for name in _COLUMNS)


def _catalog(sources: Sequence[Path]) -> Catalog:
    from IDCBrowserLib.catalog.catalog import Catalog

    return Catalog(extra_sources=sources)
