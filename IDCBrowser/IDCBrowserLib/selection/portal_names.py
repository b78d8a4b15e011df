"""Names of filters in addresses of the IDC portal, and the columns here that they are about (github.com/ImagingDataCommons/IDC-WebApp)."""

from __future__ import annotations

# The portal's name, in lower case -> the column here. "access" has one value for all of IDC.
COLUMNS = {
    "collection_id": "collection_id",
    "analysis_results_id": "analysis_result_id",
    "modality": "Modality",
    "bodypartexamined": "BodyPartExamined",
    "manufacturer": "Manufacturer",
    "manufacturermodelname": "ManufacturerModelName",
    "license_short_name": "license_short_name",
    "patientsex": "PatientSex",
    "sopclassuid": "SOPClassUID",
    "patientid": "PatientID",
    "studyinstanceuid": "StudyInstanceUID",
    "seriesinstanceuid": "SeriesInstanceUID",
    "seriesnumber": "SeriesNumber",
    "seriesdescription": "SeriesDescription",
    "studydescription": "StudyDescription",
    "source_doi": "source_DOI",
    "tcia_tumorlocation": "tumor_locations",
    "tcia_cancertype": "cancer_types",
    "cancertype": "cancer_types",
    "tcia_species": "species",
    "program": "program_id",
    "access": "",
    "slicethickness": "SliceThickness",
    "segmentedpropertytypecodesequence": "SegmentedPropertyType",
    "segmentedpropertycategorycodesequence": "SegmentedPropertyCategory",
    "anatomicregionsequence": "AnatomicRegion",
    "segmentalgorithmtype": "AlgorithmType",
    "segmentalgorithmname": "AlgorithmName",
    "objectivelenspower": "ObjectiveLensPower",
    "min_pixelspacing": "SM_PixelSpacing",
    "max_totalpixelmatrixcolumns": "TotalPixelMatrixColumns",
    "max_totalpixelmatrixrows": "TotalPixelMatrixRows",
    "primaryanatomicstructure": "primaryAnatomicStructure",
}
# What the portal's filters can be set to by an address; it has boxes of ranges for sizes of slides, which it does not find again in one.
NAMES = {
    "collection_id": "collection_id",
    "analysis_result_id": "analysis_results_id",
    "Modality": "Modality",
    "BodyPartExamined": "BodyPartExamined",
    "Manufacturer": "Manufacturer",
    "ManufacturerModelName": "ManufacturerModelName",
    "license_short_name": "license_short_name",
    "SOPClassUID": "SOPClassUID",
    "PatientID": "PatientID",
    "StudyInstanceUID": "StudyInstanceUID",
    "SeriesInstanceUID": "SeriesInstanceUID",
    "tumor_locations": "tcia_tumorLocation",
    "cancer_types": "CancerType",
    "species": "tcia_species",
    "SliceThickness": "SliceThickness",
    "SegmentedPropertyType": "SegmentedPropertyTypeCodeSequence",
    "SegmentedPropertyCategory": "SegmentedPropertyCategoryCodeSequence",
    "AnatomicRegion": "AnatomicRegionSequence",
    "AlgorithmType": "SegmentAlgorithmType",
    "AlgorithmName": "SegmentAlgorithmName",
    "ObjectiveLensPower": "ObjectiveLensPower",
    "primaryAnatomicStructure": "primaryAnatomicStructure",
}
# Where a collection states several values in one text.
LIST_COLUMNS = ("tumor_locations", "cancer_types", "species")
# Whose values are codes of SNOMED there ("27925004", of slides "SCT:27925004"), and words here.
CODED = frozenset({"SegmentedPropertyType", "SegmentedPropertyCategory", "AnatomicRegion"})
CODED_WITH_SCHEME = frozenset({"primaryAnatomicStructure"})
# Numbers; of those that are whole an open end is the next number.
RANGED = frozenset({"SliceThickness", "SM_PixelSpacing", "ObjectiveLensPower", "TotalPixelMatrixColumns", "TotalPixelMatrixRows"})
WHOLE = frozenset({"ObjectiveLensPower", "TotalPixelMatrixColumns", "TotalPixelMatrixRows"})
# Of which the portal has a slider, whose two ends an address can set.
SLIDERS = frozenset({"SliceThickness"})
