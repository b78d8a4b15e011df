"""The tables of a ctkDICOM database, schema 0.8.1: an interface, so names, order and types are exactly those that Slicer's DICOM module expects."""

from __future__ import annotations

import sqlite3

SCHEMA_VERSION = "0.8.1"

_TABLES = """
CREATE TABLE SchemaInfo (Version VARCHAR(1024) NOT NULL);
CREATE TABLE Images (
    SOPInstanceUID VARCHAR(64) NOT NULL, Filename VARCHAR(1024) NULL, URL VARCHAR(2048) NULL, SeriesInstanceUID VARCHAR(64) NOT NULL,
    InsertTimestamp VARCHAR(20) NOT NULL, DisplayedFieldsUpdatedTimestamp DATETIME NULL, PRIMARY KEY (SOPInstanceUID));
CREATE TABLE Patients (
    UID INTEGER PRIMARY KEY AUTOINCREMENT, PatientsName VARCHAR(255) NULL, PatientID VARCHAR(255) NULL, PatientsBirthDate DATE NULL,
    PatientsBirthTime TIME NULL, PatientsSex VARCHAR(1) NULL, PatientsAge VARCHAR(10) NULL, PatientsComments VARCHAR(255) NULL,
    InsertTimestamp VARCHAR(20) NOT NULL, DisplayedPatientsName VARCHAR(255) NULL, DisplayedNumberOfStudies INT NULL,
    DisplayedLastStudyDate DATE NULL, DisplayedFieldsUpdatedTimestamp DATETIME NULL, Connections VARCHAR(2048) NULL);
CREATE TABLE Studies (
    StudyInstanceUID VARCHAR(64) NOT NULL, PatientsUID INT NOT NULL, StudyID VARCHAR(255) NULL, StudyDate DATE NULL, StudyTime VARCHAR(20) NULL,
    StudyDescription VARCHAR(255) NULL, AccessionNumber VARCHAR(255) NULL, ModalitiesInStudy VARCHAR(255) NULL, InstitutionName VARCHAR(255) NULL,
    ReferringPhysician VARCHAR(255) NULL, PerformingPhysiciansName VARCHAR(255) NULL, InsertTimestamp VARCHAR(20) NOT NULL,
    DisplayedNumberOfSeries INT NULL, DisplayedFieldsUpdatedTimestamp DATETIME NULL, PRIMARY KEY (StudyInstanceUID));
CREATE TABLE Series (
    SeriesInstanceUID VARCHAR(64) NOT NULL, StudyInstanceUID VARCHAR(64) NOT NULL, SeriesNumber INT NULL, SeriesDate DATE NULL,
    SeriesTime VARCHAR(20) NULL, SeriesDescription VARCHAR(255) NULL, Modality VARCHAR(20) NULL, BodyPartExamined VARCHAR(255) NULL,
    FrameOfReferenceUID VARCHAR(64) NULL, AcquisitionNumber INT NULL, ContrastAgent VARCHAR(255) NULL, ScanningSequence VARCHAR(45) NULL,
    EchoNumber INT NULL, TemporalPosition INT NULL, InsertTimestamp VARCHAR(20) NOT NULL, DisplayedCount INT NULL, DisplayedSize VARCHAR(20) NULL,
    DisplayedNumberOfFrames INT NULL, DisplayedFieldsUpdatedTimestamp DATETIME NULL, PRIMARY KEY (SeriesInstanceUID));
CREATE TABLE Directories (Dirname VARCHAR(1024), PRIMARY KEY (Dirname));
CREATE TABLE ColumnDisplayProperties (
    TableName VARCHAR(64) NOT NULL, FieldName VARCHAR(64) NOT NULL, DisplayedName VARCHAR(255) NULL, Visibility INT NULL DEFAULT 1,
    Weight INT NULL, Format VARCHAR(255) NULL, PRIMARY KEY (TableName, FieldName));
CREATE TABLE DisplayedFieldGeneratorRules (
    Name VARCHAR(64) NOT NULL, Enabled INT NULL DEFAULT 1, Options VARCHAR(255) NULL, PRIMARY KEY (Name));
CREATE INDEX ImagesFilenameIndex ON Images (Filename);
CREATE INDEX ImagesSeriesIndex ON Images (SeriesInstanceUID);
CREATE INDEX SeriesStudyIndex ON Series (StudyInstanceUID);
CREATE INDEX StudiesPatientIndex ON Studies (PatientsUID)
"""

TAG_CACHE_TABLE = "CREATE TABLE IF NOT EXISTS TagCache (SOPInstanceUID, Tag, Value, PRIMARY KEY (SOPInstanceUID, Tag))"

_FIT = '{"resizeMode":"resizeToContents"}'
_FIT_ASCENDING = '{"resizeMode":"resizeToContents", "sort": "ascending"}'
_STRETCH = '{"resizeMode":"stretch"}'

# How Slicer's browser shows each column: name, visible, weight (order), format.
_COLUMNS: dict[str, list[tuple[str, str, int, int, str]]] = {
    "Patients": [
        ("UID", "", 0, 0, ""),
        ("PatientsName", "Patient name", 0, 0, ""),
        ("PatientID", "Patient ID", 1, 2, ""),
        ("PatientsBirthDate", "Birth date", 1, 3, _FIT),
        ("PatientsBirthTime", "Birth time", 0, 0, ""),
        ("PatientsSex", "Sex", 1, 4, _FIT),
        ("PatientsAge", "Age", 0, 0, ""),
        ("PatientsComments", "Comments", 0, 0, ""),
        ("InsertTimestamp", "Date added", 1, 7, '{"sort": "descending"}'),
        ("DisplayedPatientsName", "Patient name", 1, 1, _STRETCH),
        ("DisplayedNumberOfStudies", "Studies", 1, 5, _FIT),
        ("DisplayedLastStudyDate", "Last study date", 1, 6, ""),
        ("DisplayedFieldsUpdatedTimestamp", "", 0, 0, ""),
        ("Connections", "", 0, 0, ""),
    ],
    "Studies": [
        ("StudyInstanceUID", "", 0, 0, ""),
        ("PatientsUID", "", 0, 0, ""),
        ("StudyID", "Study ID", 1, 2, ""),
        ("StudyDate", "Study date", 1, 1, _FIT_ASCENDING),
        ("StudyTime", "Study time", 0, 0, ""),
        ("StudyDescription", "Study description", 1, 3, _STRETCH),
        ("AccessionNumber", "Accession #", 0, 0, ""),
        ("ModalitiesInStudy", "Modalities", 0, 0, ""),
        ("InstitutionName", "Institution", 0, 0, ""),
        ("ReferringPhysician", "Referring physician", 0, 0, ""),
        ("PerformingPhysiciansName", "Performing physician", 0, 0, ""),
        ("InsertTimestamp", "Date added", 1, 5, ""),
        ("DisplayedNumberOfSeries", "Series", 1, 4, _FIT),
        ("DisplayedFieldsUpdatedTimestamp", "", 0, 0, ""),
    ],
    "Series": [
        ("SeriesInstanceUID", "", 0, 0, ""),
        ("StudyInstanceUID", "", 0, 0, ""),
        ("SeriesNumber", "Series #", 1, 1, _FIT_ASCENDING),
        ("SeriesDate", "Series date", 0, 0, ""),
        ("SeriesTime", "Series time", 0, 0, ""),
        ("SeriesDescription", "Series description", 1, 2, _STRETCH),
        ("Modality", "Modality", 1, 3, _FIT),
        ("BodyPartExamined", "Body part", 0, 0, ""),
        ("FrameOfReferenceUID", "", 0, 0, ""),
        ("AcquisitionNumber", "Acquisition #", 0, 0, ""),
        ("ContrastAgent", "Contrast agent", 0, 0, ""),
        ("ScanningSequence", "Scanning sequence", 0, 0, ""),
        ("EchoNumber", "Echo #", 0, 0, ""),
        ("TemporalPosition", "Temporal position", 0, 0, ""),
        ("InsertTimestamp", "Date added", 1, 6, ""),
        ("DisplayedSize", "Size", 1, 4, _FIT),
        ("DisplayedCount", "Count", 1, 5, _FIT),
        ("DisplayedNumberOfFrames", "Number of frames", 0, 0, ""),
        ("DisplayedFieldsUpdatedTimestamp", "", 0, 0, ""),
    ],
}


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables in an empty database, inside the transaction that is open."""
    for statement in _TABLES.split(";"):
        connection.execute(statement)
    connection.execute("INSERT INTO SchemaInfo VALUES (?)", (SCHEMA_VERSION,))
    rows = [(table, *column) for table, columns in _COLUMNS.items() for column in columns]
    connection.executemany("INSERT INTO ColumnDisplayProperties VALUES (?, ?, ?, ?, ?, ?)", rows)
