"""DICOM dates and times (PS3.5 6.2) as moments of the scanner's clock."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_CLOCK = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6})\d*)?$")
_DATE_TIME = re.compile(r"(\d{4})\.?(\d{2})\.?(\d{2})(\d{2}(?:\d{2}(?:\d{2}(?:\.\d+)?)?)?)?([+-]\d{4})?$")


def joined(date: str, clock: str) -> datetime | None:
    """A DA and a TM; None where one of them is missing or makes no sense. Forms of before DICOM 3 (2020.12.17, 10:48:29) count too."""
    date = date.replace(".", "").replace("-", "")
    match = _CLOCK.match(clock.strip())
    if match is None or not re.fullmatch(r"\d{8}", date):
        return None
    hour, minute, second, fraction = match.groups()
    return _moment(date, hour, minute, second, fraction)


def date_time(value: str, zone: str = "", clock: str = "") -> datetime | None:
    """A DT. An offset from UTC is brought to that of the data set, ``zone`` (0008,0201); without that it is left out.

    ``clock`` is the same moment as a TM, if stated: where it agrees with the DT as written, the offset has been applied already.
    """
    match = _DATE_TIME.match(value.strip())
    if match is None or match.group(4) is None:
        return None
    year, month, day, time, offset = match.groups()
    moment = joined(f"{year}{month}{day}", time)
    if moment is None or offset is None or not re.fullmatch(r"[+-]\d{4}", zone):
        return moment
    stated = joined(f"{year}{month}{day}", clock)
    if stated is not None and abs((stated - moment).total_seconds()) < 60:
        return moment
    try:
        return moment - _offset(offset) + _offset(zone)
    except OverflowError:
        return None


def _moment(date: str, hour: str, minute: str | None, second: str | None, fraction: str | None) -> datetime | None:
    micro = int((fraction or "0").ljust(6, "0"))
    try:
        # 60 is a leap second.
        moment = datetime(int(date[:4]), int(date[4:6]), int(date[6:]), int(hour), int(minute or 0), min(int(second or 0), 59), micro)
        return moment + timedelta(seconds=1) if second == "60" else moment
    except (ValueError, OverflowError):
        return None


def _offset(text: str) -> timedelta:
    size = timedelta(hours=int(text[1:3]), minutes=int(text[3:]))
    return -size if text[0] == "-" else size
