"""SOP Class UIDs that decide what happens to an object (DICOM PS3.6, table A-1)."""

from __future__ import annotations

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP_SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.7"
RT_STRUCTURE_SET = "1.2.840.10008.5.1.4.1.1.481.3"

SEGMENTATIONS = (SEGMENTATION, LABEL_MAP_SEGMENTATION)
# What becomes a label map.
DRAWN_ON_IMAGES = (*SEGMENTATIONS, RT_STRUCTURE_SET)
