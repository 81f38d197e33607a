"""Mappings whose `columns` say which column of a table is what: which fits a file, and where its columns are."""

from collections.abc import Sequence

from pipeline.errors import Exit, TweetbenchError
from pipeline.sources.files.cells import tidy
from pipeline.sources.files.claims import Claim, mapping_claim
from pipeline.sources.files.mapping_values import MappingPart
from pipeline.sources.files.protocol import FileMapping, InputFile, Request


def claims_of(kind: str, file: InputFile, request: Request) -> list[tuple[Claim, FileMapping]]:
    """The mappings of a kind that may be for a table, with the columns that each explains, the best first.

    Raises:
        TweetbenchError: the file is no table.
    """
    at = {tidy(name): position for position, name in reversed(list(enumerate(file.sheet.header)))}
    found = []
    for mapping in request.mappings:
        columns = mapping.fields.get("columns")
        if mapping.fields.get("kind") != kind or not isinstance(columns, dict) or not columns:
            continue
        named = [tidy(str(name)) for name in columns.values()]
        claim = mapping_claim(
            kind,
            mapping,
            named,
            (at[name] for name in named if name in at),
            (name for name in named if name not in at),
            file_name=file.shown_name,
            is_of_people=kind == "contacts",
        )
        if claim:
            found.append((claim, mapping))
    return sorted(found, key=lambda each: each[0].rank, reverse=True)


def choose(kind: str, file: InputFile, request: Request) -> FileMapping:
    """The one mapping of a kind that fits a file.

    Raises:
        TweetbenchError: none fits, or two fit equally well.
    """
    claims = claims_of(kind, file, request)
    found = [mapping for claim, mapping in claims if claim.rank == claims[0][0].rank]
    if len(found) == 1:
        return found[0]
    raise TweetbenchError(
        f"several mappings of kind {kind} fit this file" if found else f"no mapping of kind {kind} fits this file",
        where=file.shown_name,
        why=", ".join(each.shown_name for each in found) or "the folder mappings/ holds none that names its columns",
        next_step="write file_name: PATTERN into each of them, such as file_name: 'newsletter_*.csv', "
        "then run: tweetbench ingest FILE"
        if found
        else f"write mappings/NAME.yml with kind: {kind} (see data/README.md), then run: tweetbench ingest FILE",
        exit_code=Exit.CONFIGURATION,
    )


def positions(columns: MappingPart, header: Sequence[str], mapping: FileMapping) -> dict[str, int]:
    """Position of each named column in the file.

    Raises:
        TweetbenchError: a column that the mapping names is missing.
    """
    at = {tidy(name): position for position, name in reversed(list(enumerate(header)))}
    found = {}
    for key, name in columns.model_dump(exclude_none=True).items():
        if tidy(name) not in at:
            raise TweetbenchError(
                f"columns.{key} names the column {name!r}, which the file does not have",
                where=mapping.place(f"columns.{key}"),
                next_step=f"correct columns.{key}, then run: tweetbench ingest FILE --check",
                exit_code=Exit.CONFIGURATION,
            )
        found[key] = at[tidy(name)]
    return found
