"""Which columns of a file a survey mapping explains, for the choice between readers in `claims`."""

import fnmatch

from pipeline.errors import TweetbenchError
from pipeline.sources.files.claims import Claim
from pipeline.sources.files.protocol import FileMapping, InputFile, Request
from pipeline.sources.survey.binding import DROPPED, named_columns
from pipeline.sources.survey.choice import fitting_mappings
from pipeline.sources.survey.layout import lay_out
from pipeline.sources.survey.mapping import parse_mapping

KIND = "survey"


def claims(file: InputFile, request: Request) -> list[Claim]:
    """The survey mappings that fit a file, each with the columns that it names, also those it leaves out by name."""
    return [_claim(file, mapping) for mapping in fitting_mappings(file, request)]


def _claim(file: InputFile, mapping: FileMapping) -> Claim:
    try:
        parsed = parse_mapping(mapping)
    except TweetbenchError:
        # It mentions half of the file's columns, or it would not be here: its own error is what a person needs.
        return Claim(KIND, frozenset(range(len(file.sheet.header))), mapping.shown_name, is_of_people=True)
    layout = lay_out(file.sheet, parsed.header_rows)
    found: set[int] = set()
    missing = []
    for path, name in named_columns(parsed):
        column = layout.find(name)
        if column is not None:
            found.add(column.position)
        elif "*" in name and path in (*DROPPED, "not_personal"):
            found |= {each.position for each in layout.columns if fnmatch.fnmatchcase(each.name, name)}
        else:
            missing.append(name)
    is_named = parsed.file_name is not None
    return Claim(KIND, frozenset(found), mapping.shown_name, tuple(missing), is_named, is_of_people=True)
