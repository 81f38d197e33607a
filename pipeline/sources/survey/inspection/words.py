"""The vocabulary by which columns of unknown surveys are recognised. Words only; deciding belongs to `columns`.

Names are compared as words in lower case, so that `Start.Date..UTC.`, `Start Date (UTC)` and `start_date_utc` are one.
"""

import re

RESPONDENT_ID = {
    *("response id", "responseid", "respondent id", "respondentid", "record id", "recordid", "session id", "case id"),
    *("caseid", "token", "id", "uuid", "respondent", "response", "submission id", "entry id", "id response"),
}
STARTED = {
    *("start date", "startdate", "start time", "started at", "date started", "start date utc", "started", "begin"),
    *("interview start", "time started", "startzeit"),
}
SUBMITTED = {
    *(
        "end date",
        "enddate",
        "submit date utc",
        "submit date",
        "submitted at",
        "date submitted",
        "submit time",
        "ended",
    ),
    *("timestamp", "completed at", "end time", "completion time", "submitted", "interview end", "zeitstempel"),
    *("submission date", "date completed", "horodateur", "marca temporal"),
}
COMPLETE = {"finished", "is complete", "complete", "completed", "status", "response status", "is finished"}
FINISHED = {"true", "1", "complete", "completed", "yes", "finished", "submitted"}
WEIGHT = {"weight", "weights", "wt", "wgt", "weighting", "gewicht", "survey weight", "final weight", "weightvec"}
META = {
    *("collector id", "collectorid", "progress", "duration in seconds", "duration", "distribution channel", "status"),
    *("recorded date", "recordeddate", "user language", "userlanguage", "seed", "last page", "lastpage", "tags"),
    *("start language", "startlanguage", "response set", "responseset", "stage date utc", "response type", "score"),
    *("date modified", "distributionchannel", "last action", "submission status", "ending", "total time"),
}
PERSONAL = {
    *("external reference", "externalreference", "external data reference", "externaldatareference", "network id"),
    *("referrer", "referrer url", "refurl", "ip", "ipaddr", "ip adresse", "custom data 1", "locationaccuracy"),
    *("location accuracy", "twitter handle", "handle", "company name", "website", "url", "linkedin", "your website"),
}
FREE_TEXT = re.compile(
    r"please specify|free text|comments?\b|anything else|in your own words|tell us|describe\b|explain\b|open.?ended|"
    r"other \(text\)|_text\b|why did you|what else",
    re.IGNORECASE,
)
NOT_ANSWERED = {
    *(
        "na",
        "n/a",
        "no answer",
        "prefer not to say",
        "prefer not to answer",
        "refused",
        "not applicable",
        "(vol.) refused",
    ),
    *("don't know/refused", "don't know/refused (vol.)", "not answered", "no response", "missing", "skipped"),
    *("i'd rather not say", "dk/ref", "ref", "dk", "decline to answer", "keine angabe", "rather not say"),
}
# No position on a scale, but an answer to a question with one choice.
OFF_SCALE = NOT_ANSWERED | {
    *("don't know", "do not know", "not sure", "unfamiliar (n/a)", "unfamiliar", "cannot say", "no opinion"),
    *("don't know (vol.)", "weiß nicht"),
}
YES = {"yes", "1", "true", "selected", "checked", "x", "y", "quoted", "mentioned", "ja", "oui", "1.0"}
NO = {"", "no", "0", "false", "not selected", "unchecked", "n", "not quoted", "not mentioned", "nein", "non", "0.0"}
NONE_OPTION = re.compile(r"^(none\b|no(ne)? of (the|these)|not applicable)", re.IGNORECASE)
# A column for what people type beside the options of a question: `Other (please specify)`, `Channels [Other]`.
OTHER_TYPED = re.compile(r"(^|[\[/]\s*|- )other\b(?! comments)", re.IGNORECASE)
OTHER_OPTION = re.compile(r"^other\b", re.IGNORECASE)
# The group that a column stands for, by the words of its name or question; the first that matches.
SEGMENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("team_size", re.compile(r"\b(on|in|size of) (your|the)( \w+){0,2} team\b|\bteam size\b")),
    (
        "company_size",
        re.compile(
            r"\b(employees?|headcount|full time staff)\b|\b(company|organi[sz]ation|firm|business|enterprise) ?size\b"
            r"|\bhow many people (work|does)\b|\bsize of (your|the) (company|organi[sz]ation|business)\b"
        ),
    ),
    ("industry", re.compile(r"\b(industry|industries|sector|branche|vertical|line of business)\b")),
    (
        "customer_focus",
        re.compile(r"\bb2b\b|\bb2c\b|\bcustomer focus\b|\b(who|what) are your (main )?customers\b|\bcustomer type\b"),
    ),
    ("gender", re.compile(r"^(what is your )?(gender|sex)$|\byour (gender|sex)\b")),
    (
        "age_band",
        re.compile(r"^(what is your )?(age|age ?(band|group|range|cat)\w*|age\d|recage)$|\bhow old are you\b"),
    ),
    (
        "education",
        re.compile(r"^((rec)?educ|education|schooling)\w*$|\blevel of education\b|\beducational attainment\b"),
    ),
    ("income_band", re.compile(r"\b(household|annual|personal|family) income\b|^income\w*$")),
    ("revenue_band", re.compile(r"\b(annual )?(revenue|turnover)\b")),
    ("race", re.compile(r"^(race|ethnicity|racethn?)\w*$")),
    (
        "region",
        re.compile(
            r"^(region|country|state|location|cregion|location census region|census region)$"
            r"|\bwhere are you (based|located)\b"
        ),
    ),
    ("job_role", re.compile(r"^(role|job (title|role|function)|seniority|position)$|\b(your|job) (role|function)\b")),
    ("party", re.compile(r"^(party|recparty|partysum)$")),
    ("children", re.compile(r"^(kids|children)$")),
    ("orientation", re.compile(r"^orientation$")),
    ("device", re.compile(r"^device( type)?$")),
)
BUSINESS = {"businesses", "business", "b2b", "companies", "other businesses", "business customers"}
CONSUMER = {"consumers", "consumer", "b2c", "private customers", "individuals", "consumer customers", "people"}
BOTH = {"both", "both b2b and b2c", "b2b and b2c", "businesses and consumers", "a mix of both", "mixed"}
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> str:
    """A name as words in lower case with single blanks."""
    return " ".join(_WORD.findall(text.casefold()))


def focus_label(text: str) -> str | None:
    """b2b, b2c or both for what surveys call them."""
    plain = " ".join(text.casefold().split())
    for label, known in (("b2b", BUSINESS), ("b2c", CONSUMER), ("both", BOTH)):
        if plain in known:
            return label
    return None
