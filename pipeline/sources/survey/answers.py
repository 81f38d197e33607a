"""Cells to answers: what each respondent chose, question by question, as rows of `survey_responses`.

Blank is not "no": an option counts as not chosen only where the respondent ticked another one of the question, or the
mapping says so (Rao-Scott tables need the answered as a domain). Which column is what belongs to `survey_binding`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.errors import TweetbenchError
from pipeline.sources.personal_data import mask
from pipeline.sources.survey.binding import BoundQuestion
from pipeline.sources.survey.cells import Finding, counted, fold, parse_number, tidy

Answer = tuple[str | None, bool | None, float | None]  # option, is_selected, value
OTHER = "(other)"  # stands for every cell that is none of the declared options; its text may be personal
MOST_OPTIONS = 60
LONGEST_OPTION = 120
LONGEST_JOINED = 10_000  # a longer cell is no list of choices, and would take quadratic time
NEWLINE_MARK = "\x00"  # NUL never occurs in a cell: reading removes it


def label_cells(
    cells: Sequence[str], labels: Mapping[str, str] | None, not_answered: Sequence[str], *, name: str, where: str
) -> tuple[list[str | None], list[Finding]]:
    """The label of every cell, None where it was not answered, `(other)` where no label was declared for it.

    Raises:
        TweetbenchError: no labels are declared and the cells look like free text.
    """
    blank = {"", *(fold(text) for text in not_answered)}
    count = Counter(cells)
    texts = [text for text in count if fold(text) not in blank]
    if labels is None:
        refuse_free_text({tidy(text) for text in texts}, name=name, where=where)
        folded = {fold(text): tidy(text) for text in texts}
        known = {text: tidy(text) for text in texts}
    else:
        folded = {fold(text): label for text, label in labels.items()}
        known = {text: folded.get(fold(text), OTHER) for text in texts}
    unknown = [text for text in texts if fold(text) not in folded]
    return [known.get(cell) for cell in cells], _unknown_options(
        name, sum(count[text] for text in unknown), len(unknown)
    )


def refuse_free_text(texts: set[str], *, name: str, where: str) -> None:
    """Stop where the options of a column would be what people typed.

    Raises:
        TweetbenchError: more than 60 different texts, or one of over 120 characters.
    """
    longest = max(map(len, texts), default=0)
    if len(texts) <= MOST_OPTIONS and longest <= LONGEST_OPTION:
        return
    raise TweetbenchError(
        f"the column {mask(name)!r} looks like free text: declare it under free_text",
        where=where,
        why=f"it holds {len(texts):,} different answers, the longest of {longest:,} characters; "
        f"without declared options at most {MOST_OPTIONS} answers of {LONGEST_OPTION} characters are taken as options",
        next_step="list the column under free_text: or declare its options (labels for a segment), "
        "then run: tweetbench ingest FILE --check",
    )


def missing_reasons(question: BoundQuestion, cells: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """Per respondent and column, the declared text that says why there is no answer; None where nothing says it."""
    declared = {fold(text): tidy(text) for text in question.not_answered if fold(text)}
    if not declared:
        return [[None] * len(cells)] * len(cells[0])
    columns = [{text: declared.get(fold(text)) for text in set(column)} for column in cells]
    return [[known[text] for known, text in zip(columns, row, strict=True)] for row in zip(*cells, strict=True)]


def answer_question(
    question: BoundQuestion, cells: Sequence[Sequence[str]], *, decimal_comma: bool, where: str
) -> tuple[list[list[Answer]], list[Finding]]:
    """Per respondent, the answers to a question, one per row to store; and what could not be used.

    Args:
        question: the question with its rules.
        cells: one sequence per column of the question, in respondents' order.
        decimal_comma: numbers are written 0,5.
        where: mapping and file, for messages.

    Raises:
        TweetbenchError: no options are declared and the cells look like free text.
    """
    rules, name = question.rules, question.columns[0].name
    if rules.type == "multi" and rules.columns:
        return list(_ticked(question, cells)), []
    if rules.type == "multi":
        return _joined(question, cells[0], where)
    if rules.type == "number":
        return _numbers(cells[0], question.not_answered, name, decimal_comma)
    declared = rules.options or (rules.scale and {text: text for text in rules.scale}) or None
    labels, findings = label_cells(cells[0], declared, question.not_answered, name=name, where=where)
    positions = rules.scale or {}
    return [[(label, None if label is None else True, positions.get(label or ""))] for label in labels], findings


def _ticked(question: BoundQuestion, cells: Sequence[Sequence[str]]) -> Iterator[list[Answer]]:
    rules = question.rules
    unasked = {fold(text) for text in question.not_answered} - {""}
    empty = {"", *(fold(text) for text in rules.not_selected)}

    def is_ticked(text: str, label: str) -> bool | None:
        """A cell that repeats its option is a tick, even where the option is called `No`."""
        return None if text in unasked else text not in empty or text == fold(label)

    # A column has a few distinct texts: each is looked at once.
    states = [
        {text: is_ticked(fold(text), label) for text in set(column)}
        for column, label in zip(cells, question.labels, strict=True)
    ]
    for row in zip(*cells, strict=True):
        ticks = [state[text] for state, text in zip(states, row, strict=True)]
        if not any(ticks) and rules.none_ticked == "not_answered":
            ticks = [None] * len(ticks)
        yield [(label, tick, None) for label, tick in zip(question.labels, ticks, strict=True)]


def _joined(question: BoundQuestion, cells: Sequence[str], where: str) -> tuple[list[list[Answer]], list[Finding]]:
    rules, name = question.rules, question.columns[0].name
    separator = rules.separator or ","
    blank = {"", *(fold(text) for text in question.not_answered)}
    if rules.options is None:
        pieces = {tidy(piece) for cell in cells if fold(cell) not in blank for piece in cell.split(separator)} - {""}
        refuse_free_text(pieces, name=name, where=where)
        known = {fold(piece): piece for piece in sorted(pieces)}
    else:
        known = {fold(text): label for text, label in rules.options.items()}
    chosen = {cell: frozenset() if fold(cell) in blank else split_joined(cell, separator, known) for cell in set(cells)}
    strange = [cell for cell in cells if OTHER in chosen[cell]]
    options = [*dict.fromkeys(known.values()), *([OTHER] if strange else [])]
    nothing = None if rules.none_ticked == "not_answered" else False
    answers: list[list[Answer]] = []
    for cell in cells:
        missing = not chosen[cell] and (nothing is None or (fold(cell) in blank and fold(cell) != ""))
        answers.append([(option, None if missing else option in chosen[cell], None) for option in options])
    return answers, _unknown_options(name, len(strange), len(set(strange)))


def split_joined(cell: str, separator: str, known: Mapping[str, str]) -> frozenset[str]:
    """The options in a cell that a tool joined; at each place the longest known option wins, so that options that
    contain the separator survive. What is no known option counts as `(other)`.

    Args:
        cell: e.g. `Facebook, Blogs, own, YouTube`.
        separator: e.g. `,`.
        known: option by its folded text.
    """
    if len(cell) > LONGEST_JOINED:
        return frozenset({OTHER})
    if not separator.strip():
        cell, separator = cell.replace(separator, NEWLINE_MARK), NEWLINE_MARK
    mark, rest = fold(separator), fold(cell)
    by_length = sorted(known, key=len, reverse=True)
    found = set()
    while rest := rest.lstrip(f" {mark}" if len(mark) == 1 else " ").removeprefix(mark).lstrip():
        match = next((text for text in by_length if rest.startswith(text) and _ends(rest[len(text) :], mark)), None)
        found.add(OTHER if match is None else known[match])
        rest = rest[len(match) :] if match is not None else rest[rest.index(mark) :] if mark in rest else ""
    return frozenset(found)


def _ends(rest: str, mark: str) -> bool:
    return not rest.strip() or rest.strip().startswith(mark)


def _numbers(
    cells: Sequence[str], not_answered: Sequence[str], name: str, decimal_comma: bool
) -> tuple[list[list[Answer]], list[Finding]]:
    blank = {"", *(fold(text) for text in not_answered)}
    answers: list[list[Answer]] = []
    bad = 0
    for cell in cells:
        try:
            value = None if fold(cell) in blank else parse_number(cell, decimal_comma=decimal_comma)
        except ValueError:
            value, bad = None, bad + 1
        answers.append([(None, None if value is None else True, value)])
    detail = f"{counted(bad, 'cell')} of the column {mask(name)!r} without a readable number; counted as not answered"
    advice = "correct the cells, or give the question the type single"
    return answers, [Finding("bad_number", detail, advice)] if bad else []


def _unknown_options(name: str, cell_count: int, text_count: int) -> list[Finding]:
    if not cell_count:
        return []
    detail = f"{counted(cell_count, 'cell')} of the column {mask(name)!r} with {counted(text_count, 'undeclared text')}"
    return [Finding("unknown_option", f"{detail}; stored as {OTHER}", "add the missing options to the mapping")]
