"""A transfer in a process of its own, to be killed: ``python run_transfer.py URL FOLDER JOURNAL UUID...``.

Prints "moving" when the first bytes are about to move, and the report at the end.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "IDCBrowser"), str(ROOT / "Testing")]

from helpers.planned import plan_of  # noqa: E402

from IDCBrowserLib.task import Progress, Task  # noqa: E402
from IDCBrowserLib.transfer.download import download  # noqa: E402
from IDCBrowserLib.transfer.options import TransferOptions  # noqa: E402


def tell(progress: Progress) -> None:
    if any(entry["state"] == "transferring" for entry in progress.details["series"]):
        print("moving", flush=True)


url, folder, journal, *uuids = sys.argv[1:]
report = download(plan_of(*uuids), Path(folder), TransferOptions(endpoint_url=url, jobs=4, retry_count=2), Task(tell), journal_path=Path(journal))
print(json.dumps(report.to_json()))
sys.exit(report.exit_code)
