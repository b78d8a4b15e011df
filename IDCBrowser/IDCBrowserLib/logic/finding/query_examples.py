"""Example SQL queries."""

from __future__ import annotations

from IDCBrowserLib.i18n import tr as _

# In steps of five years; series of NLST state no age, its clinical table does. ``idc-browser sql`` shows the same.
LIVER_BY_AGE = """SELECT TRY_CAST(age AS INTEGER) // 5 * 5 AS age_from,
       round(avg(value), 1) AS mean_hu, count(*) AS livers
FROM measurements
JOIN index ON SeriesInstanceUID = source_series_uid
JOIN nlst_prsn ON dicom_patient_id = PatientID
WHERE collection_id = 'nlst' AND finding = 'Liver' AND quantity = 'Mean'
GROUP BY age_from
ORDER BY age_from"""


def examples() -> list[tuple[str, str]]:
    """(what it answers, the query)."""
    return [
        (
            _("Number and size of series by modality"),
            """SELECT Modality, count(*) AS series, round(sum(series_size_MB) / 1e6, 2) AS size_TB
FROM index
GROUP BY Modality
ORDER BY series DESC""",
        ),
        (
            _("Chest CT in studies that also have a segmentation, commercial use allowed"),
            """SELECT collection_id, PatientID, SeriesInstanceUID,
       SeriesDescription, license_short_name
FROM index
WHERE Modality = 'CT' AND BodyPartExamined = 'CHEST'
  AND license_short_name NOT LIKE '%NC%'
  AND StudyInstanceUID IN
      (SELECT StudyInstanceUID FROM index WHERE Modality = 'SEG')""",
        ),
        (
            _("Segmented lung nodules with their CT (needs seg_index)"),
            """SELECT ct.collection_id, ct.PatientID, ct.SeriesInstanceUID,
       seg.AlgorithmType, seg.total_segments
FROM seg_index AS seg
JOIN index AS ct ON ct.SeriesInstanceUID = seg.segmented_SeriesInstanceUID
WHERE list_contains(seg.SegmentedPropertyType_CodeMeanings, 'Nodule')""",
        ),
        (
            _("Studies with CT, SEG and RTSTRUCT"),
            """SELECT collection_id, PatientID, StudyInstanceUID
FROM index
GROUP BY ALL
HAVING list_has_all(list(Modality), ['CT', 'SEG', 'RTSTRUCT'])""",
        ),
        (
            _("Collections by size"),
            """SELECT collection_id, collection_name, cancer_types, subjects,
       round(sum(series_size_MB) / 1e3, 1) AS size_GB
FROM collections_index JOIN index USING (collection_id)
GROUP BY ALL
ORDER BY size_GB DESC""",
        ),
        (
            _("Series added in the latest release"),
            """SELECT collection_id, Modality, count(*) AS series,
       count(*) FILTER (series_init_idc_version = series_revised_idc_version) AS of_these_new
FROM index
WHERE series_revised_idc_version = (SELECT max(idc_version) FROM version_metadata_index)
GROUP BY ALL
ORDER BY series DESC""",
        ),
        (
            _("Case IDs that occur in two collections"),
            """SELECT PatientID, list_sort(list(DISTINCT collection_id)) AS collections
FROM index
GROUP BY PatientID
HAVING len(collections) > 1
ORDER BY PatientID""",
        ),
        (
            _("Series of earlier releases that were removed"),
            """SELECT collection_id, Modality, count(*) AS series, max(max_idc_version) AS last_release
FROM prior_versions_index
WHERE SeriesInstanceUID NOT IN (SELECT SeriesInstanceUID FROM index)
GROUP BY ALL
ORDER BY series DESC""",
        ),
        (_("Mean CT number of the liver in NLST by age (needs a file of measurements and nlst_prsn)"), LIVER_BY_AGE),
    ]
