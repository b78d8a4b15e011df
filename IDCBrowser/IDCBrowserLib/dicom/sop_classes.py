"""SOP Class UIDs, the one list of this program (PS3.6 table A-1)."""

from __future__ import annotations

MEDIA_STORAGE_DIRECTORY = "1.2.840.10008.1.3.10"
DETACHED_STUDY_MANAGEMENT = "1.2.840.10008.3.1.2.3.1"
CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
PET_IMAGE = "1.2.840.10008.5.1.4.1.1.128"
ENHANCED_PET_IMAGE = "1.2.840.10008.5.1.4.1.1.130"
PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.7"
ULTRASOUND_MULTI_FRAME = "1.2.840.10008.5.1.4.1.1.3.1"
SLIDE_IMAGE = "1.2.840.10008.5.1.4.1.1.77.1.6"
SPATIAL_REGISTRATION = "1.2.840.10008.5.1.4.1.1.66.1"
DEFORMABLE_REGISTRATION = "1.2.840.10008.5.1.4.1.1.66.3"
REAL_WORLD_MAPPING = "1.2.840.10008.5.1.4.1.1.67"
ENCAPSULATED_STL = "1.2.840.10008.5.1.4.1.1.104.3"
SLIDE_ANNOTATIONS = "1.2.840.10008.5.1.4.1.1.91.1"
ENHANCED_SR = "1.2.840.10008.5.1.4.1.1.88.22"
COMPREHENSIVE_3D_SR = "1.2.840.10008.5.1.4.1.1.88.34"
RT_PLAN = "1.2.840.10008.5.1.4.1.1.481.5"
RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"

# What the UIDs of the standard's own storage classes begin with, and those of structured reports (PS3.6 table A-1).
STANDARD = "1.2.840.10008."
REPORTS = "1.2.840.10008.5.1.4.1.1.88."

SEGMENTATIONS = (SEGMENTATION, LABEL_MAP_SEGMENTATION)
# What becomes a label map.
DRAWN_ON_IMAGES = (*SEGMENTATIONS, RT_STRUCTURE_SET)

# Slides, and what was drawn on them.
SLIDES = (SLIDE_IMAGE, SLIDE_ANNOTATIONS)

# Encapsulated STL, OBJ and MTL.
SURFACES = tuple(f"1.2.840.10008.5.1.4.1.1.104.{number}" for number in (3, 4, 5))

# As the catalog of IDC writes them.
NAMES = {
    CT_IMAGE: "CT Image Storage",
    MR_IMAGE: "MR Image Storage",
    PET_IMAGE: "Positron Emission Tomography Image Storage",
    PARAMETRIC_MAP: "Parametric Map Storage",
    SEGMENTATION: "Segmentation Storage",
    LABEL_MAP_SEGMENTATION: "Label Map Segmentation Storage",
    RT_STRUCTURE_SET: "RT Structure Set Storage",
}
