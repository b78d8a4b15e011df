"""The part of Slicer's Modules/Scripted/DICOMLib that this project uses."""

from collections.abc import Callable, Sequence

class DICOMLoadable:
    files: list[str]
    name: str
    tooltip: str
    warning: str
    selected: bool
    confidence: float
    # Set by plugins; no attributes of a new one.
    uid: str
    referencedSeriesUID: str
    referencedInstanceUIDs: list[str]
    # Set by loadLoadables.
    loadSuccess: bool

class DICOMPlugin:
    loadType: str
    tags: dict[str, str]
    def __init__(self) -> None: ...
    def defaultSeriesNodeName(self, seriesUID: str) -> str: ...

_Loadables = dict[str, list[DICOMLoadable]]
_ProgressCallback = Callable[[str, float], bool]

class DICOMUtils:
    """A module there."""

    @staticmethod
    def getLoadablesFromFileLists(
        fileLists: Sequence[Sequence[str]],
        pluginClassNames: Sequence[str] | None = None,
        messages: list[str] | None = None,
        progressCallback: _ProgressCallback | None = None,
    ) -> tuple[_Loadables, bool]: ...
    @staticmethod
    def getDefaultPluginClassNames() -> list[str]: ...
    @staticmethod
    def selectHighestConfidenceLoadables(loadablesByPlugin: _Loadables) -> None: ...
    @staticmethod
    def loadLoadables(
        loadablesByPlugin: _Loadables, messages: list[str] | None = None, progressCallback: _ProgressCallback | None = None
    ) -> list[str | None]: ...
