"""Series that belong together: what refers to what where an index or the objects say so, and what shares the study where nothing does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from IDCBrowserLib.catalog.conditions import Bindings
from IDCBrowserLib.catalog.connection import ask
from IDCBrowserLib.catalog.told_relations import Told, is_unsure, placed, reached, turned
from IDCBrowserLib.catalog.views import Views
from IDCBrowserLib.dicom.sop_classes import PARAMETRIC_MAP
from IDCBrowserLib.wording import human_count

if TYPE_CHECKING:
    import duckdb

# Modalities whose objects are made from images (DICOM PS3.3 C.7.3.1.1.1); everything else is taken for an image.
DERIVED_MODALITIES = ("SEG", "RTSTRUCT", "SR", "RTDOSE", "RTPLAN", "PR", "KO", "REG", "ANN", "RWV", "M3D", "FID", "SMR")
# Those whose references the side indices hold.
_INDICES = {"SEG": "seg_index", "RTSTRUCT": "rtstruct_index", "ANN": "ann_index"}
_OF_SLIDES = ("SM", "ANN")

REFERS_TO_IT = "refers to it"
IT_REFERS_TO = "it refers to this"
SAME_STUDY = "same study"

Row = dict[str, Any]


def related(
    connection: duckdb.DuckDBPyConnection, views: Views, series_uid: str, side_indices: Collection[str], told: Mapping[str, Told]
) -> dict[str, Any] | None:
    """See ``Catalog.related``: without contents; None for an unknown series."""
    asked, study = _study_of(connection, views, series_uid)
    if asked is None:
        return None
    indexed = indexed_modalities(side_indices)
    kinds = {str(row["SeriesInstanceUID"]): str(row["Modality"]) for row in study if _is_derived(row)}
    references = placed(told)
    for uid, images in references_of(connection, list(kinds)).items():
        references[uid] = [*dict.fromkeys((*images, *references.get(uid, ())))]
    named, absent = _named(connection, views, series_uid, references, kinds)
    missing = _missing(asked, indexed)
    guesses = _guesses(asked, study, {row["SeriesInstanceUID"] for row in named} | {series_uid}, indexed)
    has_images = any(row["relation"] == IT_REFERS_TO for row in named)
    sure = _Sure(series_uid, kinds, told, references, has_images and asked["Modality"] in indexed)
    unsure, silent = [row for row in guesses if sure.is_unsure(row)], [row for row in guesses if sure.is_silent(row)]
    elsewhere = 0 if series_uid in kinds else len(guesses) - len(unsure) - len(silent)
    return {
        "series": sorted(named, key=_nearest_first) + [{**row, "relation": SAME_STUDY, "through": []} for row in sorted(unsure + silent, key=_order)],
        "warnings": _warnings(missing, bool(unsure), len(silent), elsewhere, absent, series_uid in kinds),
        "missing_indices": [_INDICES[modality] for modality in missing],
        "unread": sum(uid not in told for uid in _untold(connection, series_uid, study, indexed)),
        "elsewhere": elsewhere,
    }


def untold(connection: duckdb.DuckDBPyConnection, views: Views, series_uid: str, side_indices: Collection[str]) -> list[str]:
    """The series whose objects would say more of the relations of this one than the indices do; itself first where it is one of them."""
    return _untold(connection, series_uid, _study_of(connection, views, series_uid)[1], indexed_modalities(side_indices))


def _untold(connection: duckdb.DuckDBPyConnection, series_uid: str, study: Sequence[Row], indexed: Collection[str]) -> list[str]:
    derived = [row for row in study if _is_derived(row)]
    known = references_of(connection, [str(row["SeriesInstanceUID"]) for row in derived])
    rows = [row for row in derived if not (row["Modality"] in indexed and row["SeriesInstanceUID"] in known)]
    rows.sort(key=lambda row: (row["SeriesInstanceUID"] != series_uid, row["series_size_MB"] or 0.0, row["SeriesInstanceUID"]))
    return [str(row["SeriesInstanceUID"]) for row in rows]


def references_of(connection: duckdb.DuckDBPyConnection, series_uids: Sequence[str]) -> dict[str, list[str]]:
    """See ``Catalog.references_of``."""
    bindings = Bindings()
    query = (
        "SELECT SeriesInstanceUID, list(referenced ORDER BY referenced) FROM series_references WHERE referenced IS NOT NULL "
        f"AND SeriesInstanceUID IN ({bindings.add_texts(series_uids)}) GROUP BY 1"
    )
    return {uid: list(images) for uid, images in ask(connection, query, bindings.values).fetchall()}


def indexed_modalities(side_indices: Collection[str]) -> set[str]:
    """Modalities whose references the side indices that are here name."""
    return {modality for modality, name in _INDICES.items() if name in side_indices}


class _Sure(NamedTuple):
    """Whether it is certain of a series of the study that it has nothing to do with the asked one. Its own references decide that of an object
    made from images, else those of each other object. ``is_settled``: an index has those of the asked one.
    """

    series_uid: str
    kinds: Mapping[str, str]
    told: Mapping[str, Told]
    references: Mapping[str, Sequence[str]]
    is_settled: bool

    def is_unsure(self, row: Row) -> bool:
        """It may have to do with it: not everything was read."""
        uid = self._deciding(row)
        return not self._is_settled_here() and is_unsure(self.told.get(uid), self.references.get(uid, ()))

    def is_silent(self, row: Row) -> bool:
        """What was read names nothing at all."""
        told = self.told.get(self._deciding(row))
        return told is not None and not self._is_settled_here() and told.is_whole and not told.series and not told.objects

    def _deciding(self, row: Row) -> str:
        return self.series_uid if self.series_uid in self.kinds else str(row["SeriesInstanceUID"])

    def _is_settled_here(self) -> bool:
        return self.is_settled and self.series_uid in self.kinds


def _study_of(connection: duckdb.DuckDBPyConnection, views: Views, series_uid: str) -> tuple[Row | None, list[Row]]:
    """The row of a series, None when there is none, and those of its study."""
    asked, _ = views.list_rows(connection, "series", parents=[{"level": "series", "ids": [series_uid]}], filters=None, limit=None)
    if not asked:
        return None, []
    study = {"level": "studies", "ids": [str(asked[0]["StudyInstanceUID"])]}
    return asked[0], views.list_rows(connection, "series", parents=[study], filters=None, limit=None)[0]


def _named(
    connection: duckdb.DuckDBPyConnection, views: Views, series_uid: str, references: Mapping[str, Sequence[str]], kinds: Mapping[str, str]
) -> tuple[list[Row], int]:
    """What a series refers to and what refers to it, directly or through objects of these ``kinds``; and how much of it the catalog lacks."""
    ways = {uid: (REFERS_TO_IT, between) for uid, between in reached(series_uid, turned(references), kinds).items()}
    ways.update(dict.fromkeys(_referring(connection, series_uid), (REFERS_TO_IT, ())))
    ways |= {uid: (IT_REFERS_TO, between) for uid, between in reached(series_uid, references, kinds).items()}
    if not ways:
        return [], 0
    rows, _ = views.list_rows(connection, "series", parents=[{"level": "series", "ids": sorted(ways)}], filters=None, limit=None)
    found = []
    for row in rows:
        relation, between = ways[row["SeriesInstanceUID"]]
        found.append({**row, "relation": relation, "through": [kinds[uid] for uid in between]})
    there = {row["SeriesInstanceUID"] for row in rows}
    return found, len(set(references.get(series_uid, ())) - there)


def _referring(connection: duckdb.DuckDBPyConnection, series_uid: str) -> list[str]:
    """The series that refer to one as an index says, in whatever study."""
    bindings = Bindings()
    query = f"SELECT DISTINCT SeriesInstanceUID FROM series_references WHERE referenced = {bindings.add(series_uid)}"
    return [uid for (uid,) in ask(connection, query, bindings.values).fetchall() if uid != series_uid]


def _guesses(asked: Row, study: Sequence[Row], known: Collection[str], indexed: Collection[str]) -> list[Row]:
    """Of the study: images for a derived series, derived series for an image; not where an index would have named it."""
    if _is_derived(asked):
        return [row for row in study if row["SeriesInstanceUID"] not in known and not _is_derived(row)]
    others = [row for row in study if row["SeriesInstanceUID"] not in known and _is_derived(row)]
    return [row for row in others if row["Modality"] not in indexed]


def _nearest_first(row: Row) -> tuple[int, bool, int, str, str, str]:
    return (len(row["through"]), row["relation"] == REFERS_TO_IT, *_order(row))


def _order(row: Row) -> tuple[int, str, str, str]:
    """Images, then what was made from them: segmentations and structure sets before reports and plans."""
    modality = str(row["Modality"])
    rank = DERIVED_MODALITIES.index(modality) if modality in DERIVED_MODALITIES else -1
    return rank, modality, str(row["SeriesDescription"]), row["SeriesInstanceUID"]


def _is_derived(row: Row) -> bool:
    """Parametric maps carry the modality of their image."""
    return row["Modality"] in DERIVED_MODALITIES or row["SOPClassUID"] == PARAMETRIC_MAP


def _missing(series: Row, indexed: Collection[str]) -> list[str]:
    """Modalities whose index would say more."""
    return [modality for modality in _INDICES if modality not in indexed and (modality not in _OF_SLIDES or series["Modality"] in _OF_SLIDES)]


def _warnings(missing: Sequence[str], is_unsure: bool, silent: int, elsewhere: int, absent: int, is_derived: bool) -> list[str]:
    warnings = []
    if missing:
        files = " and ".join(_INDICES[modality] for modality in missing)
        kinds = " or ".join(missing)
        warnings.append(f"Which image a {kinds} series refers to is not in the installed index ({files}, a separate file of idc-index-data).")
    if is_unsure:
        warnings.append('Series marked "same study" share the study; whether they refer to each other is known only after the download.')
    if silent and is_derived:
        warnings.append("The objects of this series name no others, so what shares the study is listed.")
    elif silent:
        warnings.append(f"{human_count(silent, 'series of the study names', 'series of the study name')} no others and may belong to any.")
    if elsewhere:
        warnings.append(f"{human_count(elsewhere, 'more series', 'more series')} of the study refer to other series.")
    if absent:
        warnings.append(f"{human_count(absent, 'series', 'series')} that it refers to are not in this release of IDC.")
    return warnings
