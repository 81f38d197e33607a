"""Cells to answers: what each respondent chose, question by question, as rows of `survey_responses`.

Blank is not "no": an option counts as not chosen only where the respondent ticked another one of the question, or the
mapping says so (Rao-Scott tables need the answered as a domain). Which column is what belongs to `binding`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import CellIssue, counted, fold, tidy
from pipeline.sources.files.numbers import Marks, choose_mark, decimal_marks, parse_number
from pipeline.sources.files.options import LONGEST_OPTION, MOST_OPTIONS, OTHER
from pipeline.sources.files.personal_data import mask
from pipeline.sources.survey.binding import BoundQuestion
from pipeline.sources.survey.ticks import TickRules, tick_rows

Answer = tuple[str | None, bool | None, float | None]  # option, is_selected, value
LONGEST_JOINED = 10_000  # a longer cell is no list of choices, and would take quadratic time
NEWLINE_MARK = "\x00"  # NUL never occurs in a cell: reading removes it


def label_cells(
    cells: Sequence[str], labels: Mapping[str, str] | None, not_answered: Sequence[str], *, name: str, where: str
) -> tuple[list[str | None], list[CellIssue]]:
    """The label of every cell, None where it was not answered, `(other)` where no label was declared for it.

    Raises:
        TweetbenchError: no labels are declared and the cells look like free text.
    """
    blank = {"", *(fold(text) for text in not_answered)}
    count = Counter(cells)
    texts = [text for text in count if fold(text) not in blank]
    if labels is None:
        # The most frequent spelling names them all: `Male` and `male` are one answer.
        folded = {fold(text): tidy(text) for text in sorted(texts, key=lambda text: (count[text], text))}
        refuse_free_text(set(folded.values()), name=name, where=where)
        known = {text: folded[fold(text)] for text in texts}
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
        next_step="list the column under free_text:, or declare its options (labels for a segment), "
        "then run: tweetbench ingest FILE --check",
    )


def missing_reasons(question: BoundQuestion, cells: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """Per respondent and column, the declared text that says why there is no answer; None where nothing says it."""
    declared = {fold(text): tidy(text) for text in question.not_answered if fold(text)}
    if not declared:
        return [[None] * len(cells)] * len(cells[0])
    columns = [{text: declared.get(fold(text)) for text in set(column)} for column in cells]
    if question.rules.one_of:
        return [
            [next((why for known, text in zip(columns, row, strict=True) if (why := known[text])), None)]
            for row in zip(*cells, strict=True)
        ]
    return [[known[text] for known, text in zip(columns, row, strict=True)] for row in zip(*cells, strict=True)]


def answer_question(
    question: BoundQuestion, cells: Sequence[Sequence[str]], *, file_marks: Marks, where: str
) -> tuple[list[list[Answer]], list[CellIssue]]:
    """Per respondent, the answers to a question, one per row to store; and what could not be used.

    Args:
        question: the question with its rules.
        cells: one sequence per column of the question, in respondents' order.
        file_marks: the decimal marks that all numbers of the file prove, for a column that proves none.
        where: mapping and file, for messages.

    Raises:
        TweetbenchError: no options are declared and the cells look like free text.
    """
    rules, name = question.rules, question.columns[0].name
    if rules.option_columns:
        return _from_columns(question, cells)
    if rules.type == "multi":
        return _joined(question, cells[0], where)
    if rules.type == "number":
        return _numbers(cells[0], question.not_answered, name, file_marks)
    declared = rules.options or (rules.scale and {text: text for text in rules.scale}) or None
    labels, findings = label_cells(cells[0], declared, question.not_answered, name=name, where=where)
    positions = rules.scale or {}
    return [[(label, None if label is None else True, positions.get(label or ""))] for label in labels], findings


def _from_columns(
    question: BoundQuestion, cells: Sequence[Sequence[str]]
) -> tuple[list[list[Answer]], list[CellIssue]]:
    rules, names = question.rules, [column.name for column in question.columns]
    declared = TickRules.of(
        rules.selected,
        rules.not_selected,
        question.not_answered,
        blank_is_no=rules.none_ticked == "not_selected",
    )
    rows, findings = tick_rows(cells, question.labels, names, declared)
    if rules.type == "multi":
        answers: list[list[Answer]] = [
            [(label, tick, None) for label, tick in zip(question.labels, row, strict=True)] for row in rows
        ]
        return answers, findings
    chosen, about_twice = one_label(rows, question.labels, names[0])
    positions = rules.scale or {}
    given: list[list[Answer]] = [
        [(label, None if label is None else True, positions.get(label or ""))] for label in chosen
    ]
    return given, [*findings, *about_twice]


def one_label(
    rows: Iterable[Sequence[bool | None]], labels: Sequence[str], name: str
) -> tuple[list[str | None], list[CellIssue]]:
    """The only ticked option of each respondent; None and a finding where several are ticked."""
    chosen: list[str | None] = []
    twice = 0
    for row in rows:
        ticked = [label for label, tick in zip(labels, row, strict=True) if tick]
        twice += len(ticked) > 1
        chosen.append(ticked[0] if len(ticked) == 1 else None)
    detail = (
        f"{counted(twice, 'respondent')} with several choices in the columns from {mask(name)!r} on, which allow one"
    )
    advice = "give the question the type multi with columns, if several choices were allowed"
    return chosen, [CellIssue("several_choices", f"{detail}; stored as not answered", advice)] if twice else []


def _joined(question: BoundQuestion, cells: Sequence[str], where: str) -> tuple[list[list[Answer]], list[CellIssue]]:
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
    cells: Sequence[str], not_answered: Sequence[str], name: str, file_marks: Marks
) -> tuple[list[list[Answer]], list[CellIssue]]:
    blank = {"", *(fold(text) for text in not_answered)}
    mark = choose_mark(decimal_marks(cells), file_marks)
    answers: list[list[Answer]] = []
    bad = 0
    for cell in cells:
        try:
            value = None if fold(cell) in blank else parse_number(cell, mark)
        except ValueError:
            value, bad = None, bad + 1
        answers.append([(None, None if value is None else True, value)])
    detail = f"{counted(bad, 'cell')} of the column {mask(name)!r} without a number that can be read in one way only"
    advice = "write decimals with a point and no marks of thousands, or give the question the type single"
    return answers, [CellIssue("bad_number", f"{detail}; counted as not answered", advice)] if bad else []


def _unknown_options(name: str, cell_count: int, text_count: int) -> list[CellIssue]:
    if not cell_count:
        return []
    detail = f"{counted(cell_count, 'cell')} of the column {mask(name)!r} with {counted(text_count, 'undeclared text')}"
    return [CellIssue("unknown_option", f"{detail}; stored as {OTHER}", "add the missing options to the mapping")]
