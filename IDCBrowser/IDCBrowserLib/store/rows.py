"""One DICOM header as the rows of the database's tables, column by column as ctkDICOM writes them."""

from __future__ import annotations

from dataclasses import dataclass

from IDCBrowserLib.errors import NotDicomError
from IDCBrowserLib.store import tags
from IDCBrowserLib.store.header import Header
from IDCBrowserLib.store.values import Values, displayed_name

# In the tag cache: the element is absent or empty, so nobody has to look into the file again.
NOT_IN_INSTANCE = "__TAG_NOT_IN_INSTANCE__"

_CACHED = [(tag, tags.tag_text(tag)) for tag in tags.CACHED]

_RT_NAMES = {
    "RTPLAN": (tags.RT_PLAN_NAME, tags.RT_PLAN_LABEL, "Unnamed RT Plan"),
    "RTSTRUCT": (tags.STRUCTURE_SET_NAME, tags.STRUCTURE_SET_LABEL, "Unnamed RT Structure Set"),
    "RTIMAGE": (tags.RT_IMAGE_NAME, tags.RT_IMAGE_LABEL, "Unnamed RT Image"),
}


Row = dict[str, "str | int | None"]


@dataclass(frozen=True)
class Instance:
    """What one file adds to the database. The rows are column values by name, without times and counts.

    They are made when asked for: of a series with a thousand instances only one has to make the rows above itself.
    """

    path: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    patient_key: tuple[str, str | None]
    values: Values

    def cached(self) -> list[tuple[str, str, str]]:
        """Rows of the tag cache."""
        values, uid = self.values, self.sop_instance_uid
        return [(uid, text, values.all(tag) or NOT_IN_INSTANCE) for tag, text in _CACHED]

    def patient(self) -> Row:
        """The row of ``Patients``."""
        return _patient(self.values, *self.patient_key)

    def study(self) -> Row:
        """The row of ``Studies``."""
        return _study(self.values, self.study_uid)

    def series(self) -> Row:
        """The row of ``Series``."""
        return _series(self.values, self.series_uid, self.study_uid)


def instance_of(path: str, header: Header) -> Instance:
    """Raises ``NotDicomError`` when an identifier is missing without which the database has no place for the file."""
    values = Values(header)
    sop_uid = _required(path, values, tags.SOP_INSTANCE_UID, "SOP Instance UID")
    study_uid = _required(path, values, tags.STUDY_UID, "Study Instance UID")
    series_uid = _required(path, values, tags.SERIES_UID, "Series Instance UID")
    # Without a Patient ID the study stands for the patient, as in Slicer's database.
    patient_id = values.first(tags.PATIENT_ID) or study_uid
    return Instance(path, sop_uid, series_uid, study_uid, (patient_id, values.first(tags.PATIENT_NAME)), values)


def _required(path: str, values: Values, tag: int, name: str) -> str:
    value = values.first(tag)
    if not value:
        raise NotDicomError(f"{path} has no {name}; a database has no place for it.", f"without {name}")
    return value


def _patient(values: Values, patient_id: str, name: str | None) -> Row:
    return {
        "PatientsName": name,
        "PatientID": patient_id,
        "PatientsBirthDate": values.date(tags.BIRTH_DATE),
        "PatientsBirthTime": values.first(tags.BIRTH_TIME),
        "PatientsSex": values.first(tags.SEX),
        # PatientsAge stays empty as in ctkDICOM: the age belongs to a study.
        "PatientsComments": values.first(tags.PATIENT_COMMENTS),
        "DisplayedPatientsName": displayed_name(name or patient_id),
        "Connections": '{"allow":[""],"deny":[]}',
    }


def _study(values: Values, study_uid: str) -> Row:
    return {
        "StudyInstanceUID": study_uid,
        "StudyID": values.first(tags.STUDY_ID),
        "StudyDate": values.all(tags.STUDY_DATE) or None,
        "StudyTime": values.first(tags.STUDY_TIME),
        "StudyDescription": values.first(tags.STUDY_DESCRIPTION),
        "AccessionNumber": values.first(tags.ACCESSION_NUMBER),
        "ModalitiesInStudy": values.all(tags.MODALITIES_IN_STUDY),
        "InstitutionName": values.first(tags.INSTITUTION_NAME),
        "ReferringPhysician": values.first(tags.REFERRING_PHYSICIAN),
        "PerformingPhysiciansName": values.first(tags.PERFORMING_PHYSICIAN),
    }


def _series(values: Values, series_uid: str, study_uid: str) -> Row:
    rows, columns = values.all(tags.ROWS), values.all(tags.COLUMNS)
    return {
        "SeriesInstanceUID": series_uid,
        "StudyInstanceUID": study_uid,
        "SeriesNumber": values.integer(tags.SERIES_NUMBER),
        "SeriesDate": values.date(tags.SERIES_DATE),
        "SeriesTime": values.first(tags.SERIES_TIME),
        "SeriesDescription": _series_description(values),
        "Modality": values.first(tags.MODALITY),
        "BodyPartExamined": values.first(tags.BODY_PART),
        "FrameOfReferenceUID": values.first(tags.FRAME_OF_REFERENCE_UID),
        "AcquisitionNumber": values.integer(tags.ACQUISITION_NUMBER),
        "ContrastAgent": values.first(tags.CONTRAST_AGENT),
        "ScanningSequence": values.first(tags.SCANNING_SEQUENCE),
        "EchoNumber": values.integer(tags.ECHO_NUMBERS),
        "TemporalPosition": values.integer(tags.TEMPORAL_POSITION),
        "DisplayedSize": f"{columns}x{rows}" if rows and columns else None,
    }


def _series_description(values: Values) -> str | None:
    """Radiotherapy objects are shown with the name of their plan or structure set."""
    description = values.first(tags.SERIES_DESCRIPTION)
    names = _RT_NAMES.get(values.first(tags.MODALITY) or "")
    if names is None:
        return description
    name_tag, label_tag, unnamed = names
    name = values.first(name_tag) or values.first(label_tag)
    if description and name and name != description:
        return f"{description}, {name}"
    return name or description or unnamed
