from collections.abc import Callable, Sequence

class SampleDataLogic:
    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str) -> None: ...
    @staticmethod
    def registerCustomSampleDataSource(
        category: str, sampleName: str, uris: Sequence[str], fileNames: Sequence[str], customDownloader: Callable[[object], object]
    ) -> None: ...
