"""CRDC identifiers of studies and single files, which the index has not, are asked at a DRS service; without a network the reason is said."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from helpers.drs_server import DrsServer, drs_server
from helpers.small_catalog import uuid, write_sources

from IDCBrowserLib.catalog.catalog import Catalog
from IDCBrowserLib.errors import CancelledError
from IDCBrowserLib.network import Network
from IDCBrowserLib.selection import drs
from IDCBrowserLib.selection.drs import Drs, DrsObject, drs_object, is_crdc_id
from IDCBrowserLib.selection.resolve import resolve
from IDCBrowserLib.task import Task

STUDY = "5f8b0d00-0000-4000-8000-00000000000a"
FILE = "5f8b0d00-0000-4000-8000-00000000000b"
NEWER = "5f8b0d00-0000-4000-8000-00000000000c"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = tmp_path_factory.mktemp("catalog")
    opened = Catalog(sources=write_sources(folder / "index"), cache_folder=folder / "cache")
    yield opened
    opened.close()


@pytest.fixture
def service() -> Iterator[DrsServer]:
    with drs_server() as running:
        running.add_bundle(STUDY, uuid(1), uuid(2), NEWER)
        running.add_file(FILE, f"gs://public-datasets-idc/{uuid(1)}/{FILE}.dcm", f"s3://idc-open-data/{uuid(1)}/{FILE}.dcm")
        yield running


def asked(catalog: Catalog, service: DrsServer, *sources: str):
    return resolve(catalog, list(sources), drs=Drs(Network(), service.address))


@pytest.mark.parametrize("text", ["{}", "dg.4DFC/{}", "dg.4DFC:{}", "drs://dg.4DFC:{}", "drs://nci-crdc.datacommons.io/dg.4DFC/{}"])
def test_a_study_is_its_series_as_far_as_the_index_has_them(catalog, service, text):
    known = [uuid(number) for number in (1, 2) if catalog.identify(uuid(number))]
    plan = asked(catalog, service, text.format(STUDY))
    assert sorted(item.crdc_series_uuid for item in plan.series) == known and known
    assert plan.unresolved == ()
    assert service.asked == [f"/ga4gh/drs/v1/objects/dg.4DFC/{STUDY}"]


def test_a_single_file_is_one_instance_of_its_series(catalog, service):
    (item,) = asked(catalog, service, f"dg.4DFC/{FILE}").series
    assert (item.crdc_series_uuid, item.instances) == (uuid(1), (FILE,))


def test_what_the_index_has_is_asked_nowhere(catalog, service):
    assert asked(catalog, service, f"dg.4DFC/{uuid(1)}", f"s3://idc-open-data/{NEWER}/*", "lung_ct").series
    assert service.asked == [], "an address in a bucket is no identifier"


def test_tables_with_identifiers_of_studies_or_files_alone(catalog, service, tmp_path):
    path = tmp_path / "studies.csv"
    path.write_text(f"crdc_study_uuid\n{STUDY}\nnonsense\n")
    plan = asked(catalog, service, str(path))
    assert {item.crdc_series_uuid for item in plan.series} <= {uuid(1), uuid(2)} and plan.series
    assert [item.reason for item in plan.unresolved] == ["'nonsense' is not a crdc_study_uuid"]
    path.write_text(f"crdc_instance_uuid,PatientID\ndg.4DFC/{FILE},P1\n")
    assert [item.instances for item in asked(catalog, service, str(path)).series] == [(FILE,)]


def test_what_nobody_knows_is_listed(catalog, service):
    (item,) = asked(catalog, service, NEWER).unresolved
    assert "no release of IDC that this index knows" in item.reason
    service.add_bundle(NEWER, STUDY, FILE)
    (item,) = asked(catalog, service, NEWER).unresolved
    assert "a newer idc-index may" in item.reason, "a series that the index has not"
    service.add_file(NEWER, f"gs://idc-open/{NEWER}.dcm")
    assert asked(catalog, service, NEWER).series == (), "as in the first release, without a series"


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (b"<html>busy</html>", 0, "is not a DRS service"),
        (b"{}", 503, "answers 503"),
        (b"[1, 2]", 0, ""),
        (b"[" * 100_000, 0, "is not a DRS service"),
        (b"1" * 5000, 0, "is not a DRS service"),
        (lambda stream: stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"), 0, "could not be asked at the CRDC"),
        (lambda stream: stream.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 0, "could not be asked at the CRDC"),
        (b'{"contents": 5, "access_methods": [7]}', 0, ""),
    ],
)
def test_odd_answers_are_said_and_cost_nothing_else(catalog, service, answer, status, said):
    service.objects[NEWER], service.status = answer, status
    plan = asked(catalog, service, NEWER, "lung_ct")
    assert plan.series
    (item,) = plan.unresolved
    assert said in item.reason and "no release of IDC that this index knows" in item.reason


def test_a_service_that_sends_a_byte_now_and_then_is_not_waited_for(service):
    def drip(stream):
        stream.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(2000):
            stream.write(b"1\r\n \r\n")
            stream.flush()
            time.sleep(0.02)

    service.objects[FILE] = drip
    answers = Drs(Network(), service.address, stall_s=0.3).look_up([FILE, STUDY], Task())
    assert answers.found == {} and "sends hardly anything (0.3 s without progress)" in answers.problem


def test_without_a_network_the_reason_is_said(catalog):
    with drs_server() as gone:
        address = gone.address
    plan = resolve(catalog, [STUDY, "lung_ct"], drs=Drs(Network(), address))
    assert plan.series
    (item,) = plan.unresolved
    assert "could not be asked at the CRDC" in item.reason and "cannot be reached" in item.reason


def test_without_a_service_nothing_is_asked(catalog):
    (item,) = resolve(catalog, [STUDY]).unresolved
    assert "ids of studies and of single files are not in the index" in item.reason


def test_a_long_list_is_asked_up_to_a_limit_and_may_be_canceled(service, monkeypatch):
    monkeypatch.setattr(drs, "MOST", 2)
    answers = Drs(Network(), service.address).look_up([FILE, STUDY, NEWER], Task())
    assert set(answers.found) == {FILE, STUDY} and "no more than 2" in answers.problem
    task = Task()
    task.cancel()
    with pytest.raises(CancelledError):
        Drs(Network(), service.address).look_up([FILE], task)


def test_another_service_may_be_named(service, monkeypatch):
    monkeypatch.setenv(drs.VARIABLE, service.address)
    assert Drs(Network()).look_up([FILE], Task()).found == {FILE: DrsObject("public-datasets-idc", uuid(1), FILE)}


def test_documents_of_other_repositories_are_nothing_of_idc():
    assert drs_object({"access_methods": [{"access_url": {"url": "s3://gdc-open/abc/file.bam"}}]}) is None
    assert drs_object(None) is None


@pytest.mark.parametrize(("text", "is_one"), [(STUDY, True), (f"drs://dg.4DFC/{STUDY}", True), ("lung_ct", False), (f"s3://b/{STUDY}", False)])
def test_which_texts_may_be_identifiers_of_the_crdc(text, is_one):
    assert is_crdc_id(text) is is_one
