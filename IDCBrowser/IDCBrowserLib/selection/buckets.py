"""The public buckets of IDC and which of them mirror each other."""

from __future__ import annotations

AWS_ENDPOINT = "https://s3.amazonaws.com"
GCS_ENDPOINT = "https://storage.googleapis.com"

AWS_TO_GCS = {
    "idc-open-data": "idc-open-data",
    "idc-open-data-two": "idc-open-idc1",
    "idc-open-data-cr": "idc-open-cr",
}
# The name of the Google bucket until 2023; manifests of that time use it.
OLD_GCS_BUCKETS = frozenset({"public-datasets-idc"})
# Any one of them, for an address in which only the UUIDs count.
KNOWN_BUCKET = "idc-open-data"
KNOWN_BUCKETS = frozenset(AWS_TO_GCS) | frozenset(AWS_TO_GCS.values()) | OLD_GCS_BUCKETS


def gcs_bucket_of(aws_bucket: str) -> str | None:
    """The Google bucket with the same content, or None for a bucket that is not mirrored."""
    return AWS_TO_GCS.get(aws_bucket)
