"""Assets `lake/<source>/<table>`: what people dropped into the inbox, and the registry, as Parquet."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from typing import Any

import dagster as dg
from pydantic import Field

from pipeline.errors import Exit, TweetbenchError
from pipeline.ingest import Outcome, build_request, ingest_registry
from pipeline.ingest.inbox import ingest_inbox
from pipeline.ingest.run_note import note_files
from pipeline.lake import Lake
from pipeline.orchestration.assets.metadata import schema_metadata
from pipeline.orchestration.resources import POOL, RESOURCES, lake_of, settings_of
from pipeline.runtime.clock import utc_now
from pipeline.runtime.program import require_same_program
from pipeline.schemas import TABLES, table_description
from pipeline.settings import Settings
from pipeline.sources import SOURCES
from pipeline.sources.files.opening import read_plain_file
from pipeline.sources.lake_source import LakeSource

# Issues of files that no source could read come from the inbox itself.
INBOX = "inbox"
REFUSED = dg.AssetKey(["lake", INBOX, "issues"])
SETTLED = "no_refused_file_waits"
MOST_NOTES = 10
LARGEST_NOTE = 100_000


def lake_specs(sources: Iterable[LakeSource]) -> list[dg.AssetSpec]:
    """One asset for each table that each source can fill."""
    return [
        dg.AssetSpec(
            ["lake", source.NAME, table],
            group_name="lake",
            description=f"{source.DESCRIPTION}\n\n{table_description(table)}.",
            kinds={"parquet", "python"},
            metadata=schema_metadata(TABLES[table]),
        )
        for source in sources
        for table in source.TABLES
    ]


def refused_spec() -> dg.AssetSpec:
    """The asset that shows what could not be read."""
    return dg.AssetSpec(
        REFUSED,
        group_name="lake",
        description="Files from the inbox that were refused: one issue each. The file and a note that says why and "
        "what to do are in quarantine/; delete both once the matter is settled.",
        kinds={"parquet", "python"},
        metadata=schema_metadata(TABLES["issues"]),
    )


class FileOptions(dg.Config):
    """What a person may choose in the Launchpad for reading files."""

    only_sources: list[str] = Field(
        [], description="Read only these kinds of file from the inbox, such as survey; empty: every kind"
    )


@dg.multi_asset(
    name="files_to_lake",
    description="Reads the files in the inbox, and accounts.csv if it changed, into the lake",
    specs=[*lake_specs(SOURCES), refused_spec()],
    check_specs=[
        dg.AssetCheckSpec(
            SETTLED,
            asset=REFUSED,
            description="No refused file waits in quarantine/. A warning only: one bad file never stops the others.",
        )
    ],
    can_subset=True,
    pool=POOL,
    required_resource_keys=RESOURCES,
)
def files_to_lake(
    context: dg.AssetExecutionContext, config: FileOptions
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Read the inbox into the lake."""
    require_same_program()
    settings = settings_of(context)
    lake, now = lake_of(settings), utc_now()
    request = build_request(settings, now=now)
    registry = ingest_registry(lake, settings, request, run_id=context.run.run_id)
    kinds = chosen_kinds(config.only_sources, {key.path[1] for key in context.selected_asset_keys})
    outcomes = [outcome for outcome in [registry] if outcome]
    note_files(settings, outcomes)
    for outcome in ingest_inbox(lake, settings, request, run_id=context.run.run_id, kinds=_all_or(kinds)):
        # One by one: what a run that is stopped has read by then is said all the same.
        note_files(settings, [outcome])
        outcomes.append(outcome)
    for outcome in outcomes:
        context.log.info(_line(outcome))
    notes = notes_in_words(settings)
    yield from _results(outcomes, context.selected_asset_keys, lake, notes)
    if context.selected_asset_check_keys:
        yield dg.AssetCheckResult(
            passed=not notes,
            asset_key=REFUSED,
            check_name=SETTLED,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"files": len(notes), "notes": dg.MetadataValue.md("\n\n".join(notes) or "none")},
        )


def chosen_kinds(only: Sequence[str], selected: set[str]) -> set[str]:
    """The kinds of file that a run reads: those of the selected assets, limited to those named in the Launchpad.

    Raises:
        TweetbenchError: a kind is named that does not exist.
    """
    known = {source.NAME for source in SOURCES}
    unknown = sorted(set(only) - known)
    if unknown:
        raise TweetbenchError(
            f"there is no source {', '.join(unknown)}",
            where="only_sources in the Launchpad",
            next_step=f"use some of: {', '.join(sorted(known))}",
            exit_code=Exit.USAGE,
        )
    return selected & set(only) if only else selected


def notes_in_words(settings: Settings) -> list[str]:
    """The notes next to the refused files that still lie in quarantine, newest first."""
    notes = []
    for path in sorted(settings.quarantine_dir.glob("*.why.md"), reverse=True)[:MOST_NOTES]:
        with suppress(TweetbenchError):  # what else lies there under such a name is no note of ours
            text = read_plain_file(path, path.name, most_bytes=LARGEST_NOTE).decode("utf-8", errors="replace")
            # What people's files said is shown as it is: never as a picture that a page would fetch, or as HTML.
            shown = re.sub(r"[<!\[]", _as_entity, text.strip())
            place = re.sub(r"[`<!\[]", "_", str(path))
            notes.append(f"{shown}\n\n`{place}`".replace("# ", "### ", 1))
    return notes


def _as_entity(letter: re.Match[str]) -> str:
    return f"&#{ord(letter[0])};"


def _all_or(kinds: set[str]) -> set[str] | None:
    """Files of an unknown kind are only judged, and refused, when every kind is read."""
    return None if kinds >= {source.NAME for source in SOURCES} else kinds


def _results(
    outcomes: list[Outcome], selected: Set[dg.AssetKey], lake: Lake, notes: list[str]
) -> Iterator[dg.MaterializeResult[None]]:
    added: Counter[tuple[str, str]] = Counter()
    for outcome in outcomes:
        for table, count in (outcome.commit.row_counts() if outcome.commit else {}).items():
            added[(str(outcome.source), table)] += count
    added[(INBOX, "issues")] = sum(outcome.error is not None for outcome in outcomes)
    totals = row_totals(lake)
    for key in sorted(selected):
        pair = (key.path[1], key.path[2])
        files = [outcome.file for outcome in outcomes if outcome.commit and outcome.source == pair[0]]
        metadata: dict[str, Any] = {"dagster/row_count": totals[pair], "rows_added": added[pair], "files": files}
        if pair[0] == INBOX:
            metadata |= {"files": [outcome.file for outcome in outcomes if outcome.error]}
            metadata |= {"notes": dg.MetadataValue.md("\n\n".join(notes) or "none")}
        yield dg.MaterializeResult(asset_key=key, metadata=metadata)


def row_totals(lake: Lake) -> Counter[tuple[str, str]]:
    """Rows in the lake by source and table."""
    totals: Counter[tuple[str, str]] = Counter()
    for commit in lake.commits():
        for table, count in commit.row_counts().items():
            totals[(commit.source, table)] += count
    return totals


def _line(outcome: Outcome) -> str:
    if outcome.error:
        return f"refused {outcome.file}: {outcome.error}"
    set_aside = "".join(f"\n  {group.text()}" for group in outcome.issues)
    return f"{outcome.status.replace('_', ' ')}: {outcome.file} ({outcome.source}){set_aside}"
