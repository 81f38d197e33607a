"""Names by which a table of links, days and clicks is known without a mapping. Pure."""

from collections.abc import Sequence

from pipeline.sources.files.links import link_id_of
from pipeline.sources.files.profile_columns import column_key
from pipeline.sources.files.sheet import Sheet

SPELLINGS = {
    "link": (
        *("link", "short_link", "shortlink", "short_url", "shortened_link", "shortened_url", "bitlink", "bitly_link"),
        *("tracked_link", "tracking_link", "link_id", "link_url", "url", "kurzlink", "lien", "lien_court", "enlace"),
        *("enlace_corto", "link_curto", "link_encurtado"),
    ),
    "date": (
        *("date", "day", "click_date", "date_(utc)", "day_(utc)", "datum", "tag", "jour", "fecha", "día", "dia"),
        *("data", "giorno"),
    ),
    "clicks": (
        *("clicks", "link_clicks", "click_count", "total_clicks", "klicks", "clics", "cliques", "clic", "klikken"),
    ),
    "long_url": (
        *("long_url", "long_link", "destination", "destination_url", "target_url", "original_url", "full_url"),
        *("ziel_url", "url_de_destino", "url_de_destination"),
    ),
}
# Next to these the clicks are those of adverts, searches or posts, or of a part of a day's clicks.
OTHER_CLICKS = {
    *("impressions", "impression_count", "ctr", "position", "average_position", "cost", "spend", "cpc", "campaign_id"),
    *("ad_group", "ad_name", "keyword", "query", "post_id", "tweet_id", "post_text", "likes", "reactions", "followers"),
    *("country", "city", "region", "device", "browser", "language", "referrer", "referring_domain", "referer"),
}
ENOUGH_LINKS = 0.5


def find_click_columns(sheet: Sheet) -> dict[str, int] | None:
    """Field -> position of a table that shows by its names and links what it is; None for any other table."""
    names = [column_key(name) for name in sheet.header]
    if OTHER_CLICKS & set(names):
        return None
    found: dict[str, int] = {}
    for field, spellings in SPELLINGS.items():
        known = [at for at, name in enumerate(names) if name in spellings]
        # A long URL may be called `url` where the short link has a name of its own; two of anything else differ.
        if field == "link" and len(known) > 1:
            known = [at for at in known if names[at] != "url"]
        if len(known) == 1:
            found[field] = known[0]
        elif known:
            return None
    if not {"link", "date", "clicks"} <= found.keys():
        return None
    cells = [cell for record in sheet.records if (cell := record.cells[found["link"]].strip())]
    return found if sum(map(_is_link, cells)) >= ENOUGH_LINKS * max(len(cells), 1) else None


def _is_link(cell: str) -> bool:
    try:
        return bool(link_id_of(cell))
    except ValueError:
        return False


def missing_names(header: Sequence[str], found: dict[str, int]) -> str:
    """The columns of a table that nobody reads, by name."""
    return ", ".join(name for at, name in enumerate(header) if name and at not in found.values())
