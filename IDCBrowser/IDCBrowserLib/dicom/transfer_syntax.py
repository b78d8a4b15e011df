"""Transfer Syntax UIDs (PS3.5 annex A, PS3.6 table A-1)."""

from __future__ import annotations

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
RLE = "1.2.840.10008.1.2.5"
# Deflated Image Frame Compression: explicit little endian, each frame deflated on its own.
DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
# Baseline, extended, lossless.
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG = (JPEG_BASELINE, "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.4.202")

# Each frame is compressed in a way that is known here.
COMPRESSED = (RLE, DEFLATED_FRAMES, *JPEG, *JPEG_LS, *JPEG_2000)
# Pixels lie end to end, of a length that is stated.
NATIVE = (IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED, EXPLICIT_BIG)
