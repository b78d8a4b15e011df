"""Creates MRML nodes from voxels: volumes, segmentations, labelmap volumes, terminology, colors."""
