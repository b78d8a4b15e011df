"""Who the phantom is: fixed identifiers and dates, so that the same bytes come out every time."""

from __future__ import annotations

import uuid

# Raise it whenever the phantom's bytes change: caches are named after it.
CONTENT_VERSION = "10"

PATIENT_NAME = "Phantom^Demo"
PATIENT_ID = "DEMO-001"
COLLECTION_ID = "demo_phantom"
COLLECTION_NAME = "Demo-Phantom"
LICENSE = "CC BY 4.0"

_NAMESPACE = uuid.UUID("6a1bb2d5-7c86-5f3e-9d0d-5d2f5b1c8a10")


def uid(name: str) -> str:
    """A UID under 2.25 (a UUID as a decimal number, PS3.5 B.2), the same for the same name."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"


def object_uuid(name: str) -> str:
    """A UUID as IDC's buckets use for series folders and instance files, the same for the same name."""
    return str(uuid.uuid5(_NAMESPACE, f"object {name}"))
