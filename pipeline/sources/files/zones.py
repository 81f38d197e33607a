"""Time zones as files state them: offsets, names, and the abbreviations that tools write behind a time.

An abbreviation that stands for several zones (CST, IST, BST) is none by itself. Parsing times belongs to `cells`.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

_NAMES_BY_HOURS: tuple[tuple[float, str], ...] = (
    *((-10, "hst"), (-9, "akst"), (-8, "pst akdt"), (-7, "mst pdt"), (-6, "mdt"), (-5, "est cdt"), (-4, "edt clt")),
    *((-3.5, "nst"), (-3, "brt art clst"), (-2.5, "ndt"), (0, "utc gmt z wet wez"), (1, "cet west wesz")),
    *((2, "cest mesz eet oez sast"), (3, "eest oesz msk eat"), (5, "pkt"), (5.75, "npt"), (7, "wib ict")),
    *((8, "awst hkt sgt"), (9, "jst kst"), (9.5, "acst"), (10, "aest"), (10.5, "acdt"), (11, "aedt"), (12, "nzst")),
    (13, "nzdt"),
)
_HOURS = {name: hours for hours, names in _NAMES_BY_HOURS for name in names.split()}
# Programs that know no summer time write MEZ the year round, so it stands for the place.
_PLACES = {"mez": "Europe/Berlin"}
_PLACE_NAMES = {"mez": "CET"}
NOT_ZONES = {"uhr", "hrs", "h", "hs"}  # words for the hour
_OFFSET = re.compile(r"(?:UTC|GMT)?(?P<sign>[+-])(?P<hour>\d{1,2}):?(?P<minute>\d{2})?", re.IGNORECASE)
_PLACE = re.compile(r"[A-Za-z_]+/[A-Za-z_+-]+(/[A-Za-z_]+)?")
_IN_BRACKETS = re.compile(r"[(\[]([^()\[\]]{1,40})[)\]]")
_IMPORT_ID_ZONE = re.compile(r'"timeZone"\s*:\s*"([^"]{1,40})"')


@cache
def find_zone(text: str) -> tzinfo | None:
    """The zone of `Z`, `GMT+2`, `+01:00`, `MEZ` or `Europe/Berlin`; None for a text that names none, or several."""
    plain = text.strip()
    if match := _OFFSET.fullmatch(plain):
        size = timedelta(hours=int(match["hour"]), minutes=int(match["minute"] or 0))
        return timezone(-size if match["sign"] == "-" else size) if size < timedelta(hours=24) else None
    hours = _HOURS.get(plain.casefold())
    if hours is not None:
        return timezone(timedelta(hours=hours)) if hours else UTC
    place = _PLACES.get(plain.casefold(), plain)
    if not _PLACE.fullmatch(place):
        return None
    try:
        return ZoneInfo(place)
    except (OSError, ValueError, KeyError):
        return None


def stated_zone(header: str) -> tzinfo | None:
    """The zone that a header cell states: `Start Date (UTC)`, or Qualtrics' `{"ImportId":...,"timeZone":...}`."""
    if match := _IMPORT_ID_ZONE.search(header):
        return find_zone(match[1])
    found = (find_zone(text) for text in _IN_BRACKETS.findall(header))
    return next((zone for zone in found if zone), None)


def is_own_name(word: str, zone: tzinfo, year: int) -> bool:
    """True for an abbreviation that a zone itself uses in a year, in winter or summer: `CST` in America/Chicago."""
    names = {datetime(year, month, 1, tzinfo=zone).tzname() for month in (1, 7)}
    return word.upper() in {name.upper() for name in names if name}


def named_reading(local: datetime, word: str) -> datetime:
    """Of an hour that the clocks repeat, the one that an abbreviation names; a time that comes once stays as it is."""
    name = _PLACE_NAMES.get(word.casefold(), word.upper())
    later = local.replace(fold=1)
    return later if later.utcoffset() != local.utcoffset() and later.tzname() == name else local


def zone_name(zone: tzinfo) -> str:
    """A zone for people: `Europe/Berlin`, `UTC+02:00`."""
    return zone.key if isinstance(zone, ZoneInfo) else str(zone)
