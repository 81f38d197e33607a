"""Summaries that survey tools export next to the answers: counts and shares of options. They hold no respondents.

Inferred from the words of their headers and rows. Asked by the reader and by drafts.
"""

from collections.abc import Sequence

from pipeline.errors import TweetbenchError
from pipeline.sources.files.cells import tidy
from pipeline.sources.files.numbers import is_number
from pipeline.sources.files.sheet import Sheet

LOOKED_AT = 400
_COUNTS = {
    *("count", "counts", "number", "responses", "response count", "n", "frequency", "total", "answered", "respondents"),
    *("anzahl", "antworten", "häufigkeit", "gesamt", "beantwortet", "nombre", "effectif", "réponses", "total général"),
    *("recuento", "respuestas", "frecuencia", "número", "contagem", "respostas", "conteggio", "risposte", "aantal"),
    *("liczba", "количество", "число", "回答数", "人数", "数量", "antal", "lukumäärä", "počet", "sayı"),
}
_SHARES = {
    *("share", "%", "percent", "percentage", "percent of total", "response percent", "pct", "in %", "% of total"),
    *("anteil", "prozent", "prozentsatz", "part", "pourcentage", "en %", "porcentaje", "porcentagem", "percentuale"),
    *("percentage of responses", "procent", "udział", "доля", "процент", "割合", "百分比", "比例", "osuus", "podíl"),
}
_CHOICES = {
    *(
        "answer",
        "answers",
        "answer choices",
        "answer choice",
        "answer options",
        "choice",
        "choices",
        "option",
        "options",
    ),
    *("question", "antwort", "antwortmöglichkeit", "antwortoptionen", "antwortoption", "frage", "réponse", "respuesta"),
    *(
        "opciones de respuesta",
        "choix de réponses",
        "opções de resposta",
        "resposta",
        "risposta",
        "opzioni di risposta",
    ),
    *("antwoordkeuzen", "antwoord", "ответ", "варианты ответов", "選択肢", "回答の選択肢", "选项", "答案"),
}
_FOOTERS = {
    *("answered", "skipped", "answered question", "skipped question", "total", "total respondents", "beantwortet"),
    *("übersprungen", "gesamt", "répondues", "ignorées", "respondidas", "omitidas", "beantwoord", "overgeslagen"),
}


_QUESTIONS = {
    *("question", "question text", "question id", "question name", "item", "variable", "frage", "fragetext"),
    *("question posée", "pregunta", "pergunta", "domanda", "vraag", "fråga", "pytanie", "вопрос", "質問", "问题"),
}
_ANSWERS = {
    *("answer", "answer text", "response", "response text", "value", "antwort", "wert", "réponse", "respuesta"),
    *("resposta", "risposta", "antwoord", "svar", "odpowiedź", "ответ", "回答", "答案"),
}


def refuse_summary(sheet: Sheet, file_name: str) -> None:
    """Stop at a table without a row for each respondent: one of counts and shares, or one with a row for each answer.

    Raises:
        TweetbenchError: says what the table is and which export to take.
    """
    if question := _question_column(sheet):
        raise TweetbenchError(
            "this table has one row per answer, not per respondent",
            where=file_name,
            why=f"its column {question!r} names the questions",
            next_step="export one row per respondent and one column per question (a wide table)",
        )
    why = _why_summary(sheet)
    if why:
        raise TweetbenchError(
            "this is a summary, not the answers of a survey",
            where=file_name,
            why=why,
            next_step="export the responses themselves, one row per respondent (all responses, raw data, CSV)",
        )


def _why_summary(sheet: Sheet) -> str:
    names = [tidy(name).casefold() for name in sheet.header]
    rows = [[tidy(cell) for cell in row.cells] for row in sheet.first_rows(LOOKED_AT)]
    if not any(names):
        return "none of its columns has a name"
    blocks = [cells for cells in (names, *(list(map(str.casefold, row)) for row in rows)) if _is_block_header(cells)]
    if not blocks:
        return ""
    footers = sum(bool(row) and row[0].casefold() in _FOOTERS and any(map(_is_figure, row[1:])) for row in rows)
    first = blocks[0]
    figures = [row for row in rows if row and row[0] and not _is_block_header(list(map(str.casefold, row)))]
    has_figures = all(_is_figure(cell) for row in figures for cell in row[1:] if cell) and bool(figures)
    if len(blocks) > 1 or footers or (has_figures and names == first):
        shown = ", ".join(name for name in first if name in _COUNTS | _SHARES)
        return f"it has columns of counts and shares ({shown}) and no row for each respondent"
    return ""


def _question_column(sheet: Sheet) -> str:
    """The column that names a question in every row, next to one of answers and one that identifies respondents."""
    names = [tidy(name).casefold() for name in sheet.header]
    at = next((at for at, name in enumerate(names) if name in _QUESTIONS), None)
    if at is None or len(names) < 3 or not any(name in _ANSWERS for name in names):
        return ""
    asked = [tidy(row.cells[at]) for row in sheet.first_rows(LOOKED_AT) if at < len(row.cells)]
    is_named = bool(asked) and all(asked) and 2 * len(set(asked)) <= len(asked)
    return sheet.header[at] if is_named else ""


def _is_block_header(cells: Sequence[str]) -> bool:
    """Answer, count and share side by side; or two of them and nothing else."""
    filled = [cell for cell in cells if cell]
    has_counts = any(cell in _COUNTS for cell in filled)
    has_shares = any(cell in _SHARES or cell.endswith("%") for cell in filled)
    has_choices = any(cell in _CHOICES for cell in filled)
    is_narrow = 2 <= len(filled) <= 6
    return is_narrow and (has_counts + has_shares + has_choices >= 2) and (has_counts or has_shares)


def _is_figure(cell: str) -> bool:
    return is_number(cell.rstrip("% ").strip())
