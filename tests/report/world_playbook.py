"""The playbook of the made-up world: one rule in line, one not, one open, one without data."""

from typing import Any

from tests.report.world_names import OK, key


def playbook() -> list[dict[str, Any]]:
    """The four rules: one in line, one not, one open, one without data."""
    rules = (
        ("keep_going", "share_of_weeks", 0.96, 0.8, 0.99, 0.75, 0.88, 31, "in_line", "keep_rhythm", 26),
        ("mass_communication", "followers_per_following", 1.1, 0.9, 1.2, 5, 1.3, 28, "not_in_line", "follow_fewer", 12),
        ("quality_over_quantity", "weekly_log_growth", 0.002, -0.001, 0.005, 0, None, None, "cannot_tell",
         "plan_experiment", 1234),
    )  # fmt: skip
    names = ("rule", "figure_unit", "figure", "figure_low", "figure_high", "turning_figure", "peer_figure",
             "peer_count", "reading", "next_step", "case_count")  # fmt: skip
    made = [{"account_key": key(0), **dict(zip(names, rule, strict=True)), **OK} for rule in rules]
    lacking = {"status": "insufficient_data", "status_reason": "no contact list was read"}
    missing = ("use_contact_list", "share_of_contacts", None, None, None, 0.5, None, None, "cannot_tell",
               "bring_contacts", None)  # fmt: skip
    made.append({"account_key": key(0), **dict(zip(names, missing, strict=True)), **lacking})
    return [{**row, "account_count": 31 if row["rule"] == "quality_over_quantity" else 1} for row in made]
