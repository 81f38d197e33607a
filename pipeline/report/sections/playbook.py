"""The playbook: the four rules of 2009 on the user's own figures."""

from pipeline.report.catalogue import say
from pipeline.report.charts.marks import dots_with_intervals, padded
from pipeline.report.figures import Drawing, Figure, Panel, Row, Rows, Section
from pipeline.report.playbook import FORMS, RULES, cards_of, count_readings
from pipeline.report.sections.shared import as_dot, common, interval
from pipeline.report.writing import write


def _read(rows: Rows) -> list[str]:
    return [count_readings(cards_of(rows)), say("playbook.no_proof")]


def _draw(rows: Rows) -> list[Drawing]:
    made = []
    for pair in (RULES[:2], RULES[2:]):  # labels need room: two next to one another
        known = {rule: [row for row in rows if row["rule"] == rule and row["figure"] is not None] for rule in pair}
        panels = tuple(Panel(say(f"rule.{rule}"), _panel(of_rule)) for rule, of_rule in known.items() if of_rule)
        made += [Drawing(panels, say("playbook.alt"))] if panels else []
    return made


def _panel(rows: list[Row]) -> dict[str, object]:
    form = FORMS[rows[0]["figure_unit"]]
    turning = rows[0]["turning_figure"]
    dots = [as_dot(row["handle"], row, "figure", form) for row in rows]
    dots += [_peer(row, form) for row in rows if row["peer_figure"] is not None]
    domain = [0.0, 1.0] if form == "share" else padded(dots, ["value", "low", "high"], include=[0, turning])
    marked = [{**dot, "turning": turning} for dot in dots]
    labels = "datum.value" if form == "decimal" else None
    return dots_with_intervals(marked, domain, reference="turning", zero=form == "growth", label_expression=labels)


def _peer(row: Row, form: str) -> Row:
    text = write(row["peer_figure"], form)
    name = say("playbook.peers_of", handle=row["handle"])
    return {"label": name, "value": row["peer_figure"], "low": None, "high": None, "label_text": text, "tooltip": text}


PLAYBOOK = Section(
    "playbook",
    (
        Figure(
            "playbook",
            """
select
    coalesce(accounts.account_label, playbook.account_key) as handle, playbook.rule, playbook.figure,
    playbook.figure_low, playbook.figure_high, playbook.figure_unit, playbook.peer_figure, playbook.peer_count,
    playbook.reading, playbook.turning_figure, playbook.next_step, playbook.account_count, playbook.case_count,
    playbook.expected_answer_date, playbook.status, playbook.status_reason
from marts.playbook
inner join marts.accounts using (account_key)
order by
    accounts.follower_count desc nulls last, handle, array_position(
        ['keep_going', 'mass_communication', 'use_contact_list', 'quality_over_quantity'], playbook.rule
    )
""",
            {
                **common("handle"),
                "rule": "rule",
                **interval("figure", "measure"),
                "figure_unit": "label",
                "peer_figure": "measure",
                "peer_count": "count",
                "reading": "reading",
                "turning_figure": "measure",
                "next_step": "next_step",
                "case_count": "count",
                "account_count": "count",
                "expected_answer_date": "day",
                **common("status_reason"),
            },
            _read,
            _draw,
        ),
    ),
    needs_first=True,
)
