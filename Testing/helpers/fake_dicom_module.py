"""Slicer's DICOM browser as far as it decides what is loaded, with its two plugins that matter here, around ``FakeSlicer``.

What it does with references is that of ``loadCheckedLoadables`` in Slicer 5.12: it joins the lists of all loadables, whether ticked or not, leaves
out a list that is just the files of some loadable, asks, and loads instance for instance what the lists name. ``Testing/Python`` drives the real one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from helpers.fake_slicer import FakeLoadable, FakePlugin, FakeSlicer

IMAGES = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4")


class FakeDicomBrowser:
    """``answer`` is given to "Referenced datasets found"; ``questions`` counts how often it was asked. ``untick`` are names of plugins."""

    def __init__(self, fake: FakeSlicer, add_volume: Callable[[Sequence[str]], Any], answer: bool = True, untick: Sequence[str] = ()) -> None:
        self._fake = fake
        self._answer = answer
        self._untick = untick
        self._instances: dict[str, Any] = {}
        self.questions = 0
        fake.modules.dicomPlugins = {
            "DICOMScalarVolumePlugin": lambda: _ScalarVolumes(fake, add_volume),
            "DICOMSegmentationPlugin": lambda: _Segmentations(fake),
        }

    def load(self, *series_uids: str) -> None:
        """What the button Load does with these series selected."""
        loadables = self._examined([list(self._fake.database.filesForSeries(uid)) for uid in series_uids])
        self._fake.select_highest(loadables)
        self._tick(loadables)
        references: dict[str, list[str]] = defaultdict(list)
        for loadable in [one for many in loadables.values() for one in many]:
            found = [self._fake.database.fileForInstance(uid) for uid in getattr(loadable, "referencedInstanceUIDs", [])]
            files = [path for path in found if path]
            if files and not any(sorted(files) == sorted(one.files) for many in loadables.values() for one in many):
                for path in files:
                    references[self._series(path)].append(path)
        if references:
            referenced = self._examined(list(references.values()))
            self._fake.select_highest(referenced)
            self.questions += 1
            if self._answer:
                for plugin, own in referenced.items():
                    loadables[plugin] += [one for one in own if one.selected]
        self._fake._load(loadables)

    def _tick(self, loadables: Any) -> None:
        """What a person does in the advanced view: Slicer's own plugin for SEG instead of ours."""
        for plugin, own in loadables.items():
            for loadable in own:
                if any(plugin is self._instances.get(name) for name in self._untick):
                    loadable.selected = False
                elif self._untick and isinstance(plugin, _Segmentations):
                    loadable.selected = True

    def _examined(self, file_lists: list[list[str]]) -> Any:
        return self._fake._examine(file_lists, instances=self._instances)[0]

    def _series(self, path: str) -> str:
        return self._fake.database.fileValue(path, "0020,000E")


class _ScalarVolumes(FakePlugin):
    """Loads the files that it is given, one slice for each, twice what is named twice."""

    def __init__(self, fake: FakeSlicer, add_volume: Callable[[Sequence[str]], Any]) -> None:
        FakePlugin.__init__(self)
        self._fake = fake
        self._add_volume = add_volume

    def examineFiles(self, files: Any) -> list[FakeLoadable]:
        images = [path for path in files if self._fake.database.fileValue(path, "0008,0016") in IMAGES]
        if not images:
            return []
        loadable = FakeLoadable()
        loadable.files, loadable.selected = list(files), True
        return [loadable]

    def load(self, loadable: FakeLoadable) -> bool:
        self._add_volume(loadable.files)
        return True


class _Segmentations(FakePlugin):
    """Slicer's own plugin for SEG: names every instance of the series that it refers to first."""

    def __init__(self, fake: FakeSlicer) -> None:
        FakePlugin.__init__(self)
        self._fake = fake
        self.loaded: list[str] = []

    def examineFiles(self, files: Any) -> list[FakeLoadable]:
        import pydicom

        database = self._fake.database
        found = []
        for path in files:
            if database.fileValue(path, "0008,0060") != "SEG":
                continue
            loadable: Any = FakeLoadable()
            loadable.files, loadable.selected, loadable.confidence = [path], True, 0.95
            series = pydicom.dcmread(path, stop_before_pixels=True).ReferencedSeriesSequence[0].SeriesInstanceUID
            loadable.referencedInstanceUIDs = list(database.instancesForSeries(series))
            found.append(loadable)
        return found

    def load(self, loadable: FakeLoadable) -> bool:
        node = self._fake.scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Slicer's")
        self.loaded.append(node.GetID())
        return True
