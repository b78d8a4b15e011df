"""ExtraColumn columns of series, from the side indices: how they were acquired, and whether they form a regular volume.

They are joined by row number from small tables, made when first asked for: a side index itself is sorted by nothing that the catalog knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from IDCBrowserLib.catalog.connection import reading
from IDCBrowserLib.errors import InputError

if TYPE_CHECKING:
    import duckdb


class ExtraColumn(NamedTuple):
    """One column: the side index it comes from, its column there, and its type; a list is shown sorted, each value once."""

    side_index: str
    source: str
    kind: str


EXTRA_COLUMNS: dict[str, ExtraColumn] = {
    "regularly_spaced_3d_volume": ExtraColumn("volume_geometry_index", "regularly_spaced_3d_volume", "BOOLEAN"),
    "slice_spacing_mm": ExtraColumn("volume_geometry_index", "slice_spacing_mm", "DOUBLE"),
    "KVP": ExtraColumn("ct_index", "KVP", "DOUBLE"),
    "ConvolutionKernel": ExtraColumn("ct_index", "ConvolutionKernel", "VARCHAR[]"),
    "CT_SliceThickness": ExtraColumn("ct_index", "SliceThickness", "DOUBLE"),
    "CT_PixelSpacing": ExtraColumn("ct_index", "PixelSpacing_row_mm", "DOUBLE"),
    "EchoTime": ExtraColumn("mr_index", "EchoTime", "DOUBLE[]"),
    "RepetitionTime": ExtraColumn("mr_index", "RepetitionTime", "DOUBLE"),
    "DiffusionBValue": ExtraColumn("mr_index", "DiffusionBValue", "DOUBLE[]"),
    "MagneticFieldStrength": ExtraColumn("mr_index", "MagneticFieldStrength", "DOUBLE"),
    "FlipAngle": ExtraColumn("mr_index", "FlipAngle", "DOUBLE"),
    "MR_SliceThickness": ExtraColumn("mr_index", "SliceThickness", "DOUBLE"),
    "MR_PixelSpacing": ExtraColumn("mr_index", "PixelSpacing_row_mm", "DOUBLE"),
    "PT_SliceThickness": ExtraColumn("pt_index", "SliceThickness", "DOUBLE"),
    "PT_PixelSpacing": ExtraColumn("pt_index", "PixelSpacing_row_mm", "DOUBLE"),
    "Radiopharmaceutical": ExtraColumn("pt_index", "Radiopharmaceutical", "VARCHAR"),
    "ContrastBolusAgent": ExtraColumn("contrast_index", "ContrastBolusAgent", "VARCHAR[]"),
    "ObjectiveLensPower": ExtraColumn("sm_index", "ObjectiveLensPower", "DOUBLE"),
    "SM_PixelSpacing": ExtraColumn("sm_index", "min_PixelSpacing_2sf", "DOUBLE"),
    "TotalPixelMatrixColumns": ExtraColumn("sm_index", "max_TotalPixelMatrixColumns", "DOUBLE"),
    "TotalPixelMatrixRows": ExtraColumn("sm_index", "max_TotalPixelMatrixRows", "DOUBLE"),
    "staining_usingSubstance": ExtraColumn("sm_index", "staining_usingSubstance_CodeMeaning", "VARCHAR[]"),
    "primaryAnatomicStructure": ExtraColumn("sm_index", "primaryAnatomicStructure_CodeMeaning", "VARCHAR"),
}


def check_further(names: Iterable[str]) -> tuple[str, ...]:
    """The names themselves, each once; raises ``InputError`` for one that is unknown."""
    asked = tuple(dict.fromkeys(names))
    for name in asked:
        if name not in EXTRA_COLUMNS:
            raise InputError(f"There is no additional column {name!r}; use one of: {', '.join(EXTRA_COLUMNS)}.")
    return asked


def table_of(index: str) -> str:
    """The table that has the further columns of a side index by ``row_no``."""
    return f"further_{index}"


def create_table(connection: duckdb.DuckDBPyConnection, index: str) -> None:
    """(Re)make the table of a side index that is here. Raises ``CatalogError`` for a file damaged inside."""
    with reading():
        present = {str(row[0]) for row in connection.execute(f"DESCRIBE {index}").fetchall()}
        columns = [_column(name, further, further.source in present) for name, further in EXTRA_COLUMNS.items() if further.side_index == index]
        connection.execute(
            f"CREATE OR REPLACE TABLE {table_of(index)} AS SELECT row_no::INTEGER AS row_no, {', '.join(columns)} "
            f"FROM (SELECT row_no, SeriesInstanceUID FROM series) JOIN {index} USING (SeriesInstanceUID) ORDER BY row_no"
        )


def joins(names: Sequence[str]) -> str:
    """What a SELECT from something with ``row_no`` needs so that these columns are in it."""
    return " ".join(f"LEFT JOIN {table_of(index)} USING (row_no)" for index in dict.fromkeys(EXTRA_COLUMNS[name].side_index for name in names))


def _column(name: str, further: ExtraColumn, is_present: bool) -> str:
    if not is_present:
        return f'NULL::{further.kind} AS "{name}"'
    value = f'TRY_CAST("{further.source}" AS {further.kind})'
    return f'{f"list_sort(list_distinct({value}))" if further.kind.endswith("[]") else value} AS "{name}"'
