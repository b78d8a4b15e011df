"""What holds for all items of a batch and travels to the processes that work on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from IDCBrowserLib.batch.ledger import FOLDER
from IDCBrowserLib.batch.steps import Wanted
from IDCBrowserLib.network import Network
from IDCBrowserLib.transfer.options import TransferOptions

KEEP = ("all", "annotations", "none")


@dataclass(frozen=True)
class Settings:
    """``folder`` is that of ``--to``; ``keep``: which DICOM files stay there, of those that the batch fetches.

    ``sources`` are further index files of the catalog. On a ``cluster`` an item may run twice at the same time, since a worker that was given up
    may still be alive.
    """

    folder: Path
    wanted: Wanted
    keep: str = "all"
    transfer: TransferOptions = field(default_factory=TransferOptions)
    sources: tuple[Path, ...] = ()
    cluster: bool = False

    def scratch(self, key: str) -> Path:
        """Where an item keeps what it fetches and does not keep."""
        return self.folder / FOLDER / "scratch" / key[:16]

    @property
    def making(self) -> Path:
        """Where outputs are written before they are put in place."""
        return self.folder / FOLDER / "making"

    @property
    def dicom(self) -> Path:
        """Where DICOM files that are kept go."""
        return self.folder / "dicom"

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return {
            "folder": str(self.folder),
            "wanted": self.wanted.to_json(),
            "keep": self.keep,
            "transfer": asdict(self.transfer),
            "sources": [str(path) for path in self.sources],
            "cluster": self.cluster,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Settings:
        """The inverse of ``to_json``."""
        transfer = {**value["transfer"], "network": Network(**value["transfer"]["network"])}
        return Settings(
            Path(value["folder"]),
            Wanted.from_json(value["wanted"]),
            value["keep"],
            TransferOptions(**transfer),
            tuple(map(Path, value["sources"])),
            value["cluster"],
        )
