"""What a transfer has put in place so far, while it goes on."""

from pathlib import Path

from IDCBrowserLib.transfer.folders.incoming import PREFIX


def arrived_files(folder: Path) -> list[Path]:
    """DICOM files in their places. The folders where files arrive are passed over: those go while one looks."""
    places = [path for path in folder.iterdir() if not path.name.startswith(PREFIX)] if folder.is_dir() else []
    return [path for place in places for path in place.rglob("*.dcm")]
