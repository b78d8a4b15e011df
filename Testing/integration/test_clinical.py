"""Clinical data through the engine: what is missing is named, fetched, and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from helpers.clinical_files import bucket_answers, write_index, write_tables
from helpers.side_files import VERSION, FileServer

from IDCBrowserLib.errors import NotFoundError

CASE = "lidc_idri/LIDC-IDRI-0001"


def test_from_nothing_to_the_clinical_data_of_a_case(engine: Any, tmp_path: Path) -> None:
    assert engine.ask("clinical.case", id=CASE) == {"sections": [], "tables": [], "missing_indices": ["clinical_index"]}
    assert engine.ask("clinical.case", id="demo_phantom/DEMO-001")["missing_indices"] == [], "IDC has none of this collection"
    with pytest.raises(NotFoundError):
        engine.ask("clinical.fetch", tables=["lung_ct_demographics"])
    write_index(tmp_path / "home" / "cache" / "indices" / VERSION, "lidc_idri")
    assert engine.ask("clinical.case", id=CASE)["tables"] == ["lung_ct_demographics", "lung_ct_visits"]
    write_tables(tmp_path / "remote", "LIDC-IDRI-0001")
    with FileServer(bucket_answers(tmp_path / "remote")) as server:
        names = ["lung_ct_demographics", "lung_ct_visits"]
        size = engine.ask("clinical.table_bytes", tables=names, endpoint_url=server.url)["bytes"]
        assert engine.ask("clinical.fetch", tables=names, endpoint_url=server.url) == {"tables": names, "bytes": size}
    sections = engine.ask("clinical.case", id=CASE)["sections"]
    assert sections[0]["items"] == [["Sex of the patient", "Female"], ["Stage", "IIIA"]]
