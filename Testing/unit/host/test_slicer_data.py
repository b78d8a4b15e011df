"""Slicer's database, loading, DICOM plugins and scripts on the phantom patient: real files, real MRML, fakes of Slicer's services."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
pytest.importorskip("PySide6")
pytest.importorskip("slicer")

from helpers.fake_host import FakeEngine
from helpers.fake_slicer import FakeSlicer
from PySide6 import QtCore, QtTest, QtWidgets

from IDCBrowserLib.errors import NotFoundError, StoreError
from IDCBrowserLib.host.loading.scene_loader import ALREADY_LOADED
from IDCBrowserLib.host.slicer import host as slicer_host
from IDCBrowserLib.host.slicer import scripting
from IDCBrowserLib.host.slicer.dicom import dicom_setting, load_as
from IDCBrowserLib.host.slicer.dicom.database import SlicerStore
from IDCBrowserLib.host.slicer.dicom.database_state import why_not_open
from IDCBrowserLib.host.slicer.loading import SlicerLoader
from IDCBrowserLib.host.slicer.modal_errors import ModalErrors
from IDCBrowserLib.host.slicer.views.first_look import fitting_layout, has_data, show_loaded
from IDCBrowserLib.host.slicer.views.layout import CentralView
from IDCBrowserLib.host.slicer.views.look_settings import Look
from IDCBrowserLib.host.slicer.what_shows_it import what_shows_it
from IDCBrowserLib.host_interface import LoadRequest, SeriesStatus
from IDCBrowserLib.scene.provenance import FRAME_ATTRIBUTE, KIND_ATTRIBUTE, mark, nodes_of_series

TRACTOGRAPHY = "1.2.840.10008.5.1.4.1.1.66.6"


@pytest.fixture
def slicer_(app, monkeypatch, tmp_path):
    fake = FakeSlicer(tmp_path / "database").install(monkeypatch, tmp_path / "settings")
    QtCore.QSettings().clear()
    fake.load_images = lambda files: [_volume(fake.scene)]
    return fake


def _volume(scene):
    import slicer
    from vtkmodules.vtkCommonDataModel import vtkImageData

    image = vtkImageData()
    image.SetDimensions(2, 2, 2)
    image.AllocateScalars(4, 1)
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    assert isinstance(node, slicer.vtkMRMLScalarVolumeNode)
    node.SetAndObserveImageData(image)
    return node


def _insert(fake, *many):
    for one in many:
        for path in one.files:
            assert fake.database.insert(str(path))


def _for_plugins(one):
    """A kind that only plugins load."""
    return LoadRequest(one.series_instance_uid, one.study_instance_uid, "", "US")


def _request(one):
    return LoadRequest(one.series_instance_uid, one.study_instance_uid, "", one.modality)


# The database


def test_an_import_tells_progress_and_names_what_the_database_did_not_take(slicer_, series, tmp_path):
    junk = tmp_path / "junk.dcm"
    junk.write_bytes(b"no DICOM")
    files = [str(path) for path in series["ct"].files] + [str(junk)]
    done, progress = [], []
    store = SlicerStore(FakeEngine({}).client, lambda: str(tmp_path))
    store.import_files(files, done.append, pytest.fail, progress.append)
    for _ in range(500):
        QtTest.QTest.qWait(10 if not done else 0)
    assert [Path(item["file"]).name for item in done[0]["left_out"]] == ["junk.dcm"]
    assert done[0]["instances"] == len(files) - 1 and progress[-1].done == len(files)


@pytest.mark.parametrize("broken", ["read-only", "closed"])
def test_a_database_that_takes_nothing_is_said_for_every_file(slicer_, series, tmp_path, monkeypatch, broken):
    if broken == "read-only":
        monkeypatch.setattr(slicer_.database, "insert", lambda _path: False)
    files = [str(path) for path in series["ct"].files]
    done = []
    store = SlicerStore(FakeEngine({}).client, lambda: str(tmp_path))
    store.import_files(files, done.append, pytest.fail, lambda _progress: None)
    if broken == "closed":
        slicer_.database.isOpen = False
    for _ in range(500):
        QtTest.QTest.qWait(10 if not done else 0)
    assert len(done[0]["left_out"]) == len(files) and "read-only" in done[0]["left_out"][0]["reason"]


def test_a_cancelled_import_says_nothing_more(slicer_, series, tmp_path):
    store = SlicerStore(FakeEngine({}).client, lambda: str(tmp_path))
    store.import_files([str(path) for path in series["ct"].files], pytest.fail, pytest.fail, pytest.fail).cancel()
    QtTest.QTest.qWait(50)
    assert slicer_.database.headers == {}


def test_a_closed_database_is_said_with_what_to_do(slicer_, tmp_path):
    slicer_.database.isOpen = False
    errors = []
    store = SlicerStore(FakeEngine({}).client, lambda: str(tmp_path))
    store.import_files(["/a.dcm"], pytest.fail, errors.append, pytest.fail)
    store.series_files("1.2", pytest.fail, errors.append)
    store.remove({"series": ["1.2"]}, pytest.fail, errors.append, pytest.fail)
    store.move("/a", 0, pytest.fail, errors.append, pytest.fail)
    assert [type(error) for error in errors] == [StoreError] * 4 and "Create or open" in str(errors[0])


def test_the_status_of_rows_comes_from_the_engine_also_while_the_database_is_closed(slicer_, tmp_path):
    asked, found = [], []
    engine = FakeEngine({"store.series_status": lambda parameters: asked.append(parameters) or {"1.2": "partial"}})
    store = SlicerStore(engine.client, lambda: str(tmp_path))
    store.series_status(["1.2"], found.append, pytest.fail)
    slicer_.database.isOpen = False
    store.series_status(["1.2"], found.append, pytest.fail)
    engine.settle()
    assert found == [{"1.2": SeriesStatus.PARTIAL}] * 2
    assert asked[0]["database"] == slicer_.database.databaseDirectory and not Path(asked[1]["database"]).exists()


def test_downloads_go_below_the_database_unless_a_folder_was_chosen_here_or_in_the_former_extension(slicer_, tmp_path):
    assert slicer_host.download_folder() == str(tmp_path / "database" / "IDCLocal")
    former = tmp_path / "former"
    settings = QtCore.QSettings()
    settings.setValue("IDCDefaultStoragePath", str(former))
    assert slicer_host.download_folder() == str(tmp_path / "database" / "IDCLocal")
    former.mkdir()
    assert slicer_host.download_folder() == str(former)
    custom = tmp_path / "one, two"
    custom.mkdir()
    settings.setValue("IDCCustomStoragePath", str(custom))
    assert slicer_host.download_folder() == str(custom)
    slicer_host.SlicerSettings().set_value("DownloadFolder", "/chosen")
    assert slicer_host.download_folder() == "/chosen"


# Loading


# Engines of loaders, which nobody else closes.
_ENGINES: list[scripting.InProcessEngine] = []


@pytest.fixture(autouse=True)
def engines_end_with_their_test():
    yield
    while _ENGINES:
        _ENGINES.pop().close()


def _loader(engine=None):
    if engine is None:
        engine = scripting.InProcessEngine()
        _ENGINES.append(engine)
    return SlicerLoader(engine, scripting.ScriptStore(), lambda work: work())


def test_a_seg_brings_its_image_and_is_not_loaded_twice(slicer_, series):
    _insert(slicer_, series["ct"], series["seg_binary"])
    results = []
    loader = _loader()
    for _ in range(2):
        loader.load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    assert [result.error for result in results[0]] == ["", ""]
    # What the pages read of a loaded volume is the same in both hosts.
    assert all(volume["name"] for result in results[0] for volume in (result.report or {}).get("volumes", ()))
    assert results[1][0].warnings == (ALREADY_LOADED,)
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 2  # the image, and the labelmap volume, which is one as well


@pytest.mark.parametrize(("key", "others"), [("seg_binary", 1), ("rtstruct", 3)])
def test_a_segmentation_that_was_removed_comes_again_and_nothing_else_of_its_series(slicer_, series, key, others):
    _insert(slicer_, series["ct"], series[key])
    results, loader = [], _loader()
    loader.load([_request(series[key])], results.append, lambda _progress: None)
    slicer_.scene.RemoveNode(slicer_.scene.GetFirstNodeByClass("vtkMRMLSegmentationNode"))
    left = nodes_of_series(slicer_.scene, series[key].series_instance_uid)
    loader.load([_request(series[key])], results.append, lambda _progress: None)
    assert results[1][0].warnings != (ALREADY_LOADED,) and len(results[1][0].node_ids) == 1
    after = nodes_of_series(slicer_.scene, series[key].series_instance_uid)
    assert len(left) == others and len(after) == others + 1
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1


def test_loading_from_scripts_leaves_no_observer_of_the_scene(slicer_, series):
    before = slicer_.scene.HasObserver(slicer_.scene.NodeAddedEvent)
    _insert(slicer_, series["ct"])
    scripting.load(series["ct"].series_instance_uid)
    assert slicer_.scene.HasObserver(slicer_.scene.NodeAddedEvent) == before


def test_closing_the_scene_ends_a_load_with_a_sentence_for_each_series(slicer_, series):
    _insert(slicer_, series["ct"], series["seg_binary"])
    engine = FakeEngine({"labelmap.drawn": lambda parameters: parameters})
    engine.process.hold("labelmap.describe")
    results = []
    _loader(engine.client).load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    engine.settle()
    assert results == []
    slicer_.scene.Clear(0)
    engine.settle()
    assert "scene was closed" in results[0][0].error and engine.process.cancelled == ["labelmap.describe"]
    assert len(results) == 1


@pytest.mark.parametrize("fails", [False, True])
def test_views_draw_nothing_while_the_scene_is_changed_and_go_on_also_after_a_failure(slicer_, series, fails):
    drawn = []

    def load(_files):
        if fails:
            raise ZeroDivisionError("inside a plugin")
        return [_volume(slicer_.scene)]

    slicer_.load_images = load
    slicer_.scene.AddObserver(slicer_.scene.NodeAddedEvent, lambda *_: drawn.append(not slicer_.app.pauses))
    _insert(slicer_, series["ct"], series["seg_binary"])
    results = []
    loader = _loader()
    loader.load([_for_plugins(series["ct"]), _request(series["seg_binary"])], results.append, lambda _progress: None)
    assert drawn and not any(drawn)
    assert slicer_.app.pauses == 0 and results
    show_loaded([node_id for result in results[0] for node_id in result.node_ids])
    assert slicer_.app.pauses == 0


def test_many_segmentations_appear_one_in_a_turn(slicer_, series):
    slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    keys = ("seg_binary", "seg_labelmap", "rtstruct")
    _insert(slicer_, series["ct"], *(series[key] for key in keys))
    results, turns = [], []
    _loader().load([_request(series[key]) for key in keys], results.append, lambda _progress: None)
    show_loaded([node_id for result in results[0] for node_id in result.node_ids], turns.append)
    made = [slicer_.scene.GetNthNodeByClass(number, "vtkMRMLSegmentationNode").GetDisplayNode() for number in range(3)]
    shown = [sum(display.GetVisibility() for display in made)]
    while turns:
        turns.pop(0)()
        shown.append(sum(display.GetVisibility() for display in made))
    assert sorted(set(shown)) == [0, 1, 2, 3] and shown == sorted(shown)


def test_a_plugin_that_fails_is_reported_for_its_series(slicer_, series):
    def fail(_files):
        raise ZeroDivisionError("inside a plugin")

    _insert(slicer_, series["ct"])
    slicer_.load_images = fail
    results = []
    _loader().load([_for_plugins(series["ct"])], results.append, lambda _progress: None)
    assert "inside a plugin" in results[0][0].error


def test_what_no_plugin_loads_is_said(slicer_, series):
    _insert(slicer_, series["ct"])
    slicer_.load_images = lambda files: []
    results = []
    _loader().load([_for_plugins(series["ct"])], results.append, lambda _progress: None)
    assert "US" in results[0][0].error and "no installed DICOM plugin" in results[0][0].error


def test_what_an_extension_shows_is_said_with_its_name():
    assert "Tractography" in what_shows_it(TRACTOGRAPHY, "") and "SlicerDMRI" in what_shows_it(TRACTOGRAPHY, "")
    assert "no extension is known" in what_shows_it("1.2.840.10008.5.1.4.1.1.66", "")
    assert what_shows_it("", "") == "no installed DICOM plugin can load it."


def test_a_report_whose_table_failed_is_not_loaded(slicer_, series, monkeypatch):
    """A plugin that says it failed leaves half of its nodes behind."""
    _insert(slicer_, series["ct"])

    def fail(_files):
        node = slicer_.scene.AddNewNodeByClass("vtkMRMLModelNode", "half a report")
        slicer_.examined.loadSuccess = False
        return [node]

    slicer_.load_images = fail
    results = []
    _loader().load([_for_plugins(series["ct"])], results.append, lambda _progress: None)
    assert "was not loaded" in results[0][0].error and not results[0][0].node_ids
    assert slicer_.scene.GetNumberOfNodesByClass("vtkMRMLModelNode") == 0


def test_an_error_box_of_a_plugin_does_not_stop_the_rest(slicer_, series):
    _insert(slicer_, series["ct"], series["mr"])
    asked = []

    def complain(files):
        asked.append(files)
        if len(asked) == 1:
            box = QtWidgets.QMessageBox()
            box.setText("No referenced series found")
            box.exec()
            return []
        return [_volume(slicer_.scene)]

    slicer_.load_images = complain
    results = []
    _loader().load([_for_plugins(series["ct"]), _for_plugins(series["mr"])], results.append, lambda _progress: None)
    assert "No referenced series found" in results[0][0].error
    assert results[0][1].error == "" and results[0][1].node_ids


def test_a_question_of_a_plugin_is_left_to_the_user(app):
    box = QtWidgets.QMessageBox()
    box.setStandardButtons(QtWidgets.QMessageBox.StandardButton.Yes | QtWidgets.QMessageBox.StandardButton.No)
    with ModalErrors() as errors:
        QtCore.QTimer.singleShot(300, lambda: box.button(QtWidgets.QMessageBox.StandardButton.Yes).click())
        assert box.exec() == QtWidgets.QMessageBox.StandardButton.Yes
    assert errors.texts == []


# DICOM plugins


@pytest.fixture
def plugins(slicer_):
    dicom_setting.apply()
    return [slicer_.modules.dicomPlugins[name]() for name in (load_as.SEGMENTATION_PLUGIN, load_as.STRUCTURE_SET_PLUGIN)]


@pytest.mark.parametrize(("number", "key"), [(0, "seg_binary"), (0, "seg_labelmap"), (1, "rtstruct")])
def test_a_plugin_takes_its_classes_and_loads_them_once(slicer_, series, plugins, number, key):
    _insert(slicer_, series["ct"], series[key])
    files = [str(path) for path in (*series["ct"].files[:2], *series[key].files)]
    (loadable,) = plugins[number].examineFiles(files)
    assert loadable.confidence == 0.96 and loadable.referencedSeriesUID == series["ct"].series_instance_uid
    assert plugins[1 - number].examineFiles(files) == []
    assert plugins[number].load(loadable) is True
    made = nodes_of_series(slicer_.scene, series[key].series_instance_uid)
    assert made
    assert plugins[number].load(loadable) is True
    assert nodes_of_series(slicer_.scene, series[key].series_instance_uid) == made


def test_a_structure_set_without_its_image_is_not_loaded(slicer_, series, plugins, caplog):
    _insert(slicer_, series["rtstruct"])
    (loadable,) = plugins[1].examineFiles([str(path) for path in series["rtstruct"].files])
    assert plugins[1].load(loadable) is False and caplog.records


def test_a_damaged_seg_is_left_to_other_plugins(slicer_, series, plugins, tmp_path):
    damaged = tmp_path / "seg.dcm"
    shutil.copy(series["seg_binary"].files[0], damaged)
    slicer_.database.insert(str(damaged))
    damaged.write_bytes(damaged.read_bytes()[:900])
    (loadable,) = plugins[0].examineFiles([str(damaged)])
    assert loadable.confidence < 0.5 and loadable.warning


def test_the_plugins_can_be_switched_off(slicer_, plugins):
    QtCore.QSettings().setValue(dicom_setting.SETTING, "false")
    dicom_setting.apply()
    assert slicer_.modules.dicomPlugins == {}


def test_the_settings_page_is_added_once(slicer_, monkeypatch):
    monkeypatch.setattr(QtCore, "SIGNAL", lambda text: f"2{text}", raising=False)
    page = dicom_setting.add_settings_page()
    assert dicom_setting.add_settings_page() is page and len(slicer_.app.pages) == 1
    assert page.registered == [dicom_setting.SETTING, load_as.LOAD_AS_SETTING, *(look.value for look in Look)]


def test_without_a_main_window_there_is_no_settings_page(app, monkeypatch, tmp_path):
    FakeSlicer(tmp_path, window=False).install(monkeypatch, tmp_path)
    assert dicom_setting.add_settings_page() is None


# Scripts


def test_a_script_plans_downloads_and_loads_without_widgets(slicer_, series, world, tmp_path, home):
    uid = series["seg_binary"].series_instance_uid
    plan = scripting.plan(uid, with_references=True, catalog_sources=world.catalog_sources)
    assert {item.series_uid for item in plan.series} >= {uid, series["ct"].series_instance_uid}
    report = scripting.download(plan, tmp_path / "to", endpoint_url=world.endpoint_url)
    assert {item["state"] for item in report.to_json()["series"]} == {"complete"}
    nodes = scripting.load(uid)
    assert {"vtkMRMLSegmentationNode", "vtkMRMLScalarVolumeNode"} <= {node.GetClassName() for node in nodes}


def test_a_script_gets_a_labelmap_on_the_images_of_the_database(slicer_, series):
    _insert(slicer_, series["ct"])
    labelmap = scripting.labelmap(series["rtstruct"].files[0])
    assert labelmap.geometry.shape[0] == len(series["ct"].files)


def test_a_script_gets_the_voxels_of_a_series_of_the_database(slicer_, series):
    _insert(slicer_, series["ct"])
    (volume,) = scripting.volumes(series["ct"].series_instance_uid)
    assert volume.voxels.shape == volume.geometry.shape and volume.voxels.shape[0] == len(series["ct"].files)
    assert volume.quantity


def test_a_script_that_asks_for_voxels_is_told_what_is_missing(slicer_):
    with pytest.raises(NotFoundError, match="Download it"):
        next(scripting.volumes("1.2.3"))


def test_a_script_is_told_what_is_missing(slicer_):
    with pytest.raises(NotFoundError, match="Download it"):
        scripting.load("1.2.3")
    slicer_.database.isOpen = False
    with pytest.raises(StoreError):
        scripting.load("1.2.3")


def test_a_script_is_told_which_series_failed(slicer_, series):
    with pytest.raises(NotFoundError, match="is not in Slicer's DICOM database"):
        scripting.load(series["rtstruct"].series_instance_uid)


def test_after_loading_the_views_show_the_image_and_the_slices_of_the_segmentation(slicer_, series):
    import slicer

    view = slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    view.SetLayoutName("Red")
    before = view.GetSliceOffset()
    _insert(slicer_, series["ct"], series["seg_binary"])
    results = []
    _loader().load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    show_loaded([node_id for result in results[0] for node_id in result.node_ids])
    assert slicer_.app.manager.fitted == ["Red"] and slicer_.layers[0]["background"].GetClassName() == "vtkMRMLScalarVolumeNode"
    assert not isinstance(slicer_.layers[0]["background"], slicer.vtkMRMLLabelMapVolumeNode)
    assert view.GetSliceOffset() != before


def test_views_that_were_turned_are_fitted_as_they_are_turned_and_all_of_it_is_told_at_its_end(slicer_, series):
    import slicer

    slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(slicer_.scene)
    view = slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    view.SetLayoutName("Red")
    _insert(slicer_, series["ct"], series["seg_binary"])
    results, turns, told = [], [], []
    _loader().load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    fitted = []

    def turn():
        view.SetOrientation("Sagittal")
        fitted.append(len(slicer_.app.manager.fitted))

    ids = [node_id for result in results[0] for node_id in result.node_ids]
    show_loaded(ids, turns.append, lambda: True, {}, turn, lambda: told.append((view.GetOrientation(), len(turns))))
    while turns:
        assert told == []
        turns.pop(0)()
    assert told == [("Sagittal", 0)] and fitted == [0], "before it was fitted"


def test_a_view_that_gets_another_size_while_segments_appear_is_fitted_again(slicer_, series):
    import slicer

    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", "Green")
    _insert(slicer_, series["ct"], series["seg_binary"])
    results, turns = [], []
    _loader().load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    show_loaded([node_id for result in results[0] for node_id in result.node_ids], turns.append)
    for _turn in range(3):
        turns.pop(0)()
    view.SetDimensions(300, 200, 1)
    while turns:
        turns.pop(0)()
    assert slicer_.app.manager.fitted == ["Red", "Green", "Red"]


def test_of_two_looks_under_way_the_first_moves_no_view_any_more_and_still_shows_its_segments(slicer_, series):
    import slicer

    view = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSliceNode", "Red")
    _insert(slicer_, series["ct"], series["seg_binary"])
    results, first, second, latest = [], [], [], [1]
    _loader().load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    image = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentationNode")
    show_loaded([node.GetID()], first.append, lambda: latest == [1])
    latest[:] = [2]
    show_loaded([image.GetID()], second.append, lambda: latest == [2])
    while first or second:
        (second or first).pop(0)()
    assert slicer_.app.manager.fitted == ["Red"] and node.GetDisplayNode().GetVisibility()
    assert view.GetSliceOffset() == pytest.approx(0, abs=1e-6), "where the second look left it"


@pytest.mark.parametrize(("stored", "wanted"), [("0", "both"), ("1", "segmentation"), (2, "labelmap volume"), ("junk", "both"), ("-1", "both")])
def test_what_a_seg_becomes_is_a_setting_and_damage_to_it_means_both(slicer_, stored, wanted):
    from IDCBrowserLib.qtbinding import QtCore

    QtCore.QSettings().setValue(load_as.LOAD_AS_SETTING, stored)
    assert load_as.nodes_to_load().value == wanted


# The database goes while Slicer runs


def test_a_database_that_was_moved_is_said_and_nothing_is_tried(slicer_, series, tmp_path):
    _insert(slicer_, series["ct"])
    os.replace(slicer_.database.databaseFilename, tmp_path / "elsewhere.sql")
    assert "was moved or deleted" in why_not_open() and slicer_.database.databaseFilename in why_not_open()
    errors = []
    store = SlicerStore(FakeEngine({}).client, lambda: str(tmp_path))
    store.import_files(["/a.dcm"], pytest.fail, errors.append, pytest.fail)
    store.series_files(series["ct"].series_instance_uid, pytest.fail, errors.append)
    assert [type(error) for error in errors] == [StoreError] * 2
    os.replace(tmp_path / "elsewhere.sql", slicer_.database.databaseFilename)
    assert why_not_open() == ""


def test_files_that_are_gone_are_said_with_what_to_do(slicer_, series, tmp_path):
    copy = tmp_path / "a.dcm"
    shutil.copy(series["ct"].files[0], copy)
    slicer_.database.insert(str(copy))
    copy.unlink()
    errors = []
    SlicerStore(FakeEngine({}).client, lambda: str(tmp_path)).series_files(series["ct"].series_instance_uid, pytest.fail, errors.append)
    assert str(copy) in str(errors[0]) and "download the series again" in str(errors[0])


# What the views do


def test_a_users_own_arrangement_is_recognized_by_what_the_scene_holds(slicer_):
    assert not has_data(slicer_.scene)
    _volume(slicer_.scene)
    assert has_data(slicer_.scene)


def test_the_layout_follows_what_came(slicer_):
    import slicer

    layouts = slicer.vtkMRMLLayoutNode
    image, pet = _volume(slicer_.scene), _volume(slicer_.scene)
    assert fitting_layout([image]) == layouts.SlicerLayoutFourUpView
    mark(image, {FRAME_ATTRIBUTE: "1.2"})
    mark(pet, {FRAME_ATTRIBUTE: "1.2", KIND_ATTRIBUTE: "pet"})
    assert fitting_layout([image, pet]) == layouts.SlicerLayoutSideBySideView


@pytest.mark.parametrize("wanted", [True, False])
def test_segments_are_shown_in_one_view_after_the_other_unless_the_user_wants_none(slicer_, series, wanted):
    QtCore.QSettings().setValue(Look.SEGMENTS.value, wanted)
    views = [slicer_.scene.AddNewNodeByClass("vtkMRMLSliceNode", name) for name in ("Red", "Yellow", "Green")]
    _insert(slicer_, series["ct"], series["seg_binary"])
    results, turns = [], []
    _loader().load([_request(series["seg_binary"])], results.append, lambda _progress: None)
    show_loaded([node_id for result in results[0] for node_id in result.node_ids], turns.append)
    display = slicer_.scene.GetFirstNodeByClass("vtkMRMLSegmentationNode").GetDisplayNode()
    assert not display.GetVisibility()
    seen = []
    while turns:
        turns.pop(0)()
        seen.append([bool(display.GetVisibility()) and display.IsDisplayableInView(view.GetID()) for view in views])
    if wanted:
        assert seen[3:] == [[True, False, False], [True, True, False], *[[True, True, True]] * 5]
        assert not any(any(row) for row in seen[:3]), "before the views are in their places"
        assert display.GetNumberOfViewNodeIDs() == 0, "new views show them as well"
    else:
        assert not any(any(row) for row in seen)


def test_ct_without_a_window_gets_that_of_the_modality(slicer_, series):
    from IDCBrowserLib.scene.hierarchy import SeriesPlace, add_series_item

    node = _volume(slicer_.scene)
    node.CreateDefaultDisplayNodes()
    add_series_item(slicer_.scene, SeriesPlace("1.2", modality="CT"), node)
    show_loaded([node.GetID()])
    assert (node.GetDisplayNode().GetWindow(), node.GetDisplayNode().GetLevel()) == (400, 40)


def test_a_layout_that_the_user_chose_meanwhile_stays(slicer_, app):
    import slicer

    layouts = slicer.vtkMRMLLayoutNode
    view = CentralView(QtWidgets.QWidget(), lambda: None)
    view.show()
    view.arrange(layouts.SlicerLayoutFourUpView)
    assert slicer_.app.manager.layout == layouts.SlicerLayoutFourUpView
    slicer_.app.manager.node.AddLayoutDescription(layouts.SlicerLayoutSideBySideView, "<layout/>")
    view.arrange(layouts.SlicerLayoutSideBySideView)
    assert slicer_.app.manager.layout == layouts.SlicerLayoutSideBySideView
    slicer_.app.manager.setLayout(layouts.SlicerLayoutConventionalView)
    view.arrange(layouts.SlicerLayoutFourUpView)
    assert slicer_.app.manager.layout == layouts.SlicerLayoutConventionalView
    view.close()
