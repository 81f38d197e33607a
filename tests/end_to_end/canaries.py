"""Inputs of every kind with secrets and personal data that may be found nowhere afterwards. Holds no test."""

import base64
from email.utils import format_datetime
from pathlib import Path

from pipeline.comply.multi_search import Needles
from pipeline.comply.unpacking import contents
from pipeline.runtime.clock import utc_now
from tests.sources.api.scripted import Reply
from tests.sources.x_api.stand import make_account
from tests.sources.x_api.tiny_server import TinyX

TOKEN = "canary-token-5c1e9a77d0b34f21"
PERSONAL = (
    "canary.person@mail.example",
    "+49 30 5550 14 27",
    "Canary Maria Personname",
    "203.0.113.77",
    "canary words that only one respondent wrote",
    "canary-respondent-901",
    "canary_handle9",
)
EMAIL, PHONE, NAME, ADDRESS, WORDS, RESPONDENT, HANDLE = PERSONAL
SURVEY_MAPPING = """
survey_id: plans
title: Plans for the year
respondent_id: Response ID
segments:
  company_size: Company size
questions:
  uses_x: {text: "Do you use X?", type: single, column: "Do you use X?", options: ["Yes", "No"]}
personal: [E-mail, Phone, Your name, IP Address]
free_text: ["Anything else?"]
"""
SURVEY = f"""Response ID,Company size,Do you use X?,E-mail,Phone,Your name,IP Address,Anything else?
{RESPONDENT},1-9,Yes,{EMAIL},{PHONE},{NAME},{ADDRESS},{WORDS}
r2,10-49,No,,,,,
"""
CONTACTS_MAPPING = """
kind: contacts
list_id: news
columns: {contact_id: Id, email: E-mail, handle: X, segment: Group, consent: Agreed}
consent_values: ["yes"]
"""
CONTACTS = f"""Id,Name,E-mail,Phone,X,Group,Agreed
C1,{NAME},{EMAIL},{PHONE},{HANDLE},customer,yes
C2,{NAME},{EMAIL},{PHONE},{HANDLE},customer,no
"""
REFUSED = f"colour,size\n{EMAIL},{PHONE} {WORDS}\n"


def drop_canaries(data_dir: Path) -> None:
    """A survey and a contact list with their mappings, and a file that will be refused, into the inbox."""
    (data_dir / "surveys" / "plans.yml").write_text(SURVEY_MAPPING)
    (data_dir / "mappings" / "news.yml").write_text(CONTACTS_MAPPING)
    for name, text in {"plans.csv": SURVEY, "news.csv": CONTACTS, "nonsense.csv": REFUSED}.items():
        (data_dir / "inbox" / name).write_text(text)


def brand_on_x(handle: str, account_id: str, followers: int, following: int) -> TinyX:
    """An X that serves one account without posts and repeats the token in an error that it adds."""
    counts = {"followers_count": followers, "following_count": following, "tweet_count": 9, "listed_count": 1}
    account = make_account(1, id=account_id, username=handle, public_metrics=counts)
    echo = {"title": f"Odd {TOKEN}", "detail": f"Bearer {TOKEN}", "value": TOKEN}
    reply = Reply(change=lambda page: {**page, "errors": [echo]}, headers={"x-echo": TOKEN})
    tiny = TinyX(accounts={account_id: account}, date=format_datetime(utc_now(), usegmt=True))
    tiny.script = {path: [reply] for path in ("/2/users", "/2/users/by")}
    return tiny


def places_of_canaries(data_dir: Path) -> dict[str, set[str]]:
    """Canaries by the file in which they stand, raw or unpacked."""
    needles = Needles([TOKEN, base64.b64encode(TOKEN.encode()).decode(), *PERSONAL])
    found: dict[str, set[str]] = {}
    for path in sorted(data_dir.rglob("*")):
        if path.is_file() and not path.is_symlink():
            hits = set().union(*(needles.found_in(piece) for piece in contents(path)))
            if hits:
                found[path.relative_to(data_dir).as_posix()] = hits
    return found
