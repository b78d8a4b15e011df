"""The columns of the catalog: names as in idc-index, and what each level shows."""

from __future__ import annotations

from IDCBrowserLib.errors import InputError

LEVELS = ("collections", "analysis_results", "cases", "studies", "series")

# Columns of idc_index.parquet with their SQL types; a file that lacks one gives NULL for it, except for KEY_COLUMNS.
SERIES_TYPES: dict[str, str] = {
    "collection_id": "VARCHAR",
    "analysis_result_id": "VARCHAR",
    "PatientID": "VARCHAR",
    "SeriesInstanceUID": "VARCHAR",
    "StudyInstanceUID": "VARCHAR",
    "source_DOI": "VARCHAR",
    "PatientAge": "VARCHAR",
    "PatientSex": "VARCHAR",
    "StudyDate": "VARCHAR",
    "StudyDescription": "VARCHAR",
    "BodyPartExamined": "VARCHAR",
    "Modality": "VARCHAR",
    "SOPClassUID": "VARCHAR",
    "sop_class_name": "VARCHAR",
    "TransferSyntaxUID": "VARCHAR",
    "transfer_syntax_name": "VARCHAR",
    "PhotometricInterpretation": "VARCHAR",
    "PixelRepresentation": "VARCHAR",
    "Manufacturer": "VARCHAR",
    "ManufacturerModelName": "VARCHAR",
    "SeriesDate": "VARCHAR",
    "SeriesDescription": "VARCHAR",
    "SeriesNumber": "VARCHAR",
    "instanceCount": "BIGINT",
    "license_short_name": "VARCHAR",
    "series_init_idc_version": "BIGINT",
    "series_revised_idc_version": "BIGINT",
    "aws_bucket": "VARCHAR",
    "crdc_series_uuid": "VARCHAR",
    "series_aws_url": "VARCHAR",
    "series_size_MB": "DOUBLE",
}
SERIES_COLUMNS = tuple(SERIES_TYPES)
KEY_COLUMNS = ("collection_id", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "crdc_series_uuid")

COLLECTION_TYPES: dict[str, str] = {
    "collection_id": "VARCHAR",
    "collection_name": "VARCHAR",
    "cancer_types": "VARCHAR",
    "tumor_locations": "VARCHAR",
    "subjects": "BIGINT",
    "species": "VARCHAR",
    "supporting_data": "VARCHAR",
    "program_id": "VARCHAR",
    "status": "VARCHAR",
    "updated": "VARCHAR",
    "description": "VARCHAR",
}
# What a filter may name besides the columns of a series.
COLLECTION_FILTERS = ("collection_name", "program_id", "cancer_types", "tumor_locations", "species", "status", "supporting_data")

FACETS = (
    "program_id",
    "collection_id",
    "analysis_result_id",
    "cancer_types",
    "tumor_locations",
    "species",
    "Modality",
    "sop_class_name",
    "BodyPartExamined",
    "Manufacturer",
    "ManufacturerModelName",
    "PatientSex",
    "license_short_name",
    "transfer_syntax_name",
    "series_init_idc_version",
    "series_revised_idc_version",
)

# What identifies a row of each level.
ID_COLUMNS: dict[str, tuple[str, ...]] = {
    "collections": ("collection_id",),
    "analysis_results": ("analysis_result_id",),
    "cases": ("collection_id", "PatientID"),
    "studies": ("StudyInstanceUID",),
    "series": ("SeriesInstanceUID",),
}
# What the rows of a level are grouped by; one study of IDC holds two PatientIDs and is a row of both.
GROUP_COLUMNS: dict[str, tuple[str, ...]] = {
    "collections": ("collection_id",),
    "analysis_results": ("analysis_result_id",),
    "cases": ("collection_id", "PatientID"),
    "studies": ("collection_id", "PatientID", "StudyInstanceUID"),
    "series": (),
}
# The id of a row of each level as SQL over ``series``; see ``case_id``.
KEYS: dict[str, str] = {
    "collections": "collection_id",
    "analysis_results": "analysis_result_id",
    "cases": "collection_id || '/' || PatientID",
    "studies": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
}
LEVEL_COLUMNS: dict[str, tuple[str, ...]] = {
    "collections": (
        "collection_id",
        "collection_name",
        "cancer_types",
        "tumor_locations",
        "species",
        "program_id",
        "modalities",
        "cases",
        "studies",
        "series",
        "size_bytes",
        "series_size_MB",
        "license_short_name",
        "subjects",
        "status",
        "updated",
    ),
    "analysis_results": (
        "analysis_result_id",
        "analysis_result_title",
        "source_DOI",
        "modalities",
        "collections",
        "cases",
        "studies",
        "series",
        "instanceCount",
        "size_bytes",
        "series_size_MB",
        "license_short_name",
        "subjects",
        "updated",
    ),
    "cases": (
        "PatientID",
        "collection_id",
        "PatientSex",
        "PatientAge",
        "modalities",
        "studies",
        "series",
        "instanceCount",
        "size_bytes",
        "series_size_MB",
        "StudyDate",
        "license_short_name",
    ),
    "studies": (
        "StudyInstanceUID",
        "collection_id",
        "PatientID",
        "StudyDate",
        "StudyDescription",
        "PatientAge",
        "modalities",
        "BodyPartExamined",
        "series",
        "instanceCount",
        "size_bytes",
        "series_size_MB",
        "license_short_name",
    ),
    "series": (
        "SeriesInstanceUID",
        "SeriesNumber",
        "Modality",
        "SeriesDescription",
        "BodyPartExamined",
        "instanceCount",
        "series_size_MB",
        "SeriesDate",
        "sop_class_name",
        "analysis_result_id",
        "license_short_name",
        "Manufacturer",
        "ManufacturerModelName",
        "transfer_syntax_name",
        "collection_id",
        "PatientID",
        "StudyInstanceUID",
        "StudyDate",
        "StudyDescription",
        "PatientAge",
        "PatientSex",
        "SOPClassUID",
        "TransferSyntaxUID",
        "PhotometricInterpretation",
        "PixelRepresentation",
        "source_DOI",
        "series_init_idc_version",
        "series_revised_idc_version",
        "aws_bucket",
        "crdc_series_uuid",
        "series_aws_url",
    ),
}
# Where free text of a table's filter box is looked for.
TEXT_COLUMNS: dict[str, tuple[str, ...]] = {
    "collections": ("collection_id", "collection_name", "cancer_types", "tumor_locations", "species", "modalities"),
    "analysis_results": ("analysis_result_id", "analysis_result_title", "source_DOI", "collections", "modalities"),
    "cases": ("PatientID", "collection_id", "modalities"),
    "studies": ("StudyInstanceUID", "StudyDescription", "PatientID", "StudyDate", "modalities"),
    "series": ("SeriesInstanceUID", "SeriesDescription", "Modality", "BodyPartExamined", "SeriesNumber", "analysis_result_id", "Manufacturer"),
}
DEFAULT_ORDER: dict[str, tuple[tuple[str, str], ...]] = {
    "collections": (("collection_id", "asc"),),
    "analysis_results": (("analysis_result_id", "asc"),),
    "cases": (("PatientID", "asc"), ("collection_id", "asc")),
    "studies": (("PatientID", "asc"), ("StudyDate", "asc"), ("StudyInstanceUID", "asc")),
    "series": (("StudyInstanceUID", "asc"), ("SeriesNumber", "asc"), ("SeriesInstanceUID", "asc")),
}
# Sorted as people count: P2 before P10.
NATURAL_COLUMNS = frozenset({"PatientID", "collection_id", "collection_name", "analysis_result_id", "analysis_result_title"})


def check_level(level: str) -> str:
    """``level`` itself; raises ``InputError`` naming the valid ones otherwise."""
    if level not in LEVELS:
        raise InputError(f"There is no level {level!r}; use one of: {', '.join(LEVELS)}.")
    return level


def case_id(collection_id: str, patient_id: str) -> str:
    """The id of a case; 89 PatientIDs of IDC are in two collections."""
    return f"{collection_id}/{patient_id}"


def split_case_id(text: str) -> tuple[str, str]:
    """collection_id and PatientID of a case id; raises ``InputError`` for a text without a slash."""
    collection_id, slash, patient_id = text.partition("/")
    if not slash or not collection_id or not patient_id:
        raise InputError(f"{text!r} is not a case id; write it as collection_id/PatientID.")
    return collection_id, patient_id
