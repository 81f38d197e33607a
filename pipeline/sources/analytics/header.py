"""What the names in a header say: the language that knows most of them, and the field of each column.

A language is recognised by most of its names, never by a loanword. English fills in, because X leaves some names
untranslated (`Date` above Japanese columns). Where names do not decide, `layout` looks at the places.
"""

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.sources.analytics.header_words import names_by_field

ENGLISH = "English"
FEWEST_NAMES = 4  # columns that must be named before names alone decide


@dataclass(frozen=True)
class NamedColumns:
    """Fields by position as far as the names tell them.

    Attributes:
        language: the one that knows most of the names.
        derived: positions of columns such as `promoted likes`.
        has_most_names: most names of the language are there, four at least.
        is_decisive: names alone can decide: most names of the language or of the file's columns, four at least.
    """

    language: str
    fields: Mapping[int, str]
    derived: frozenset[int]
    has_most_names: bool
    is_decisive: bool

    def __contains__(self, field: str) -> bool:
        return field in self.fields.values()


def read_names(header: Sequence[str], export: str, wanted: tuple[str, ...]) -> NamedColumns:
    """The fields that a header names, in the language that knows most of its names.

    Args:
        header: names as the file has them.
        export: `x` or `twitter`, whose words are looked up.
        wanted: fields that this export can have; of a field that is named twice the first column counts.
    """
    names = [fold(name) for name in header]
    words = _words(export, wanted)
    language = max(words, key=lambda each: (sum(name in words[each] for name in names), each == ENGLISH))
    known = {**words[ENGLISH], **words[language]}
    fields: dict[int, str] = {}
    for position, name in enumerate(names):
        if name in known and known[name] not in fields.values():
            fields[position] = known[name]
    derived = frozenset(position for position, name in enumerate(names) if name not in known and _extends(name, known))
    own = {field for position, field in fields.items() if names[position] in words[language]}
    is_enough = len(fields) >= FEWEST_NAMES
    has_most_names = is_enough and 2 * len(own) >= len(set(words[language].values()))
    has_most_columns = is_enough and 2 * len(fields) >= len(names) - len(derived)
    return NamedColumns(language, fields, derived, has_most_names, has_most_names or has_most_columns)


def fold(name: str) -> str:
    """A name for comparison: one width and case of letters, single spaces, no mark at its end."""
    text = unicodedata.normalize("NFKC", name).replace("’", "'").casefold()
    return " ".join(text.split()).strip("\ufeff\"' :\\.")


@cache
def _words(export: str, wanted: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """Fields by folded name by language."""
    return {
        language: {fold(name): field for field, known in by_field.items() if field in wanted for name in known}
        for language, by_field in names_by_field(export).items()
    }


def _extends(name: str, known: Collection[str]) -> bool:
    """True for a known name with more at one end: `promoted likes`, `retweets promovido(a)(s)`."""
    return any(
        len(each) > 2 and (name.startswith((f"{each} ", f"{each}: ")) or name.endswith((f" {each}", f"の{each}")))
        for each in known
    )
