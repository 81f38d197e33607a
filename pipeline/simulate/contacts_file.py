"""An invented contact list of the own business, and a list of the own account's followers among the demo accounts.

Columns of the contact CSV, one row per contact, UTF-8, comma, header first:
    contact_id   C0001, C0002, ...
    email        name@company.example (a domain reserved for examples)
    company      invented company name
    segment      customer, prospect or influencer
    x_handle     handle of the company; empty for two thirds
    may_be_matched   yes if the contact agreed to be matched to an account, empty if not
    known_since  ISO date

Columns of the follower CSV: handle. Customers who gave a handle follow more often than other companies.
"""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np

from pipeline.simulate.words import link_target
from pipeline.simulate.world import World

CONTACTS = 240
SEGMENTS = ("customer", "prospect", "influencer")
# Share that follows the own account, of companies whose customers gave their handle and of all others.
CUSTOMER_FOLLOWS, OTHER_FOLLOWS = 0.55, 0.25
AGREES = 0.85


def write_contacts(path: Path, followers_path: Path, world: World, as_of: datetime) -> None:
    """Write the contact list and the follower list as of an instant; the same seed gives the same bytes."""
    rng = np.random.default_rng([world.seed, 92])
    customers: set[int] = set()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["contact_id", "email", "company", "segment", "x_handle", "may_be_matched", "known_since"])
        # Contacts are people of the other accounts: an own account that stands alone has none.
        for number in range(1, CONTACTS + 1 if world.cast.size > 1 else 1):
            account = int(rng.integers(1, world.cast.size))
            company = world.cast.names[account]
            domain = urlsplit(link_target(company, 0)).hostname
            segment = SEGMENTS[int(rng.choice(3, p=[0.5, 0.4, 0.1]))]
            handle = world.handle(account, as_of) if rng.random() < (0.45 if segment == "customer" else 0.25) else ""
            agrees = "yes" if handle and rng.random() < AGREES else ""
            customers |= {account} if handle and segment == "customer" else set()
            known = (as_of - timedelta(days=int(rng.integers(30, 1_500)))).date()
            email = f"contact{number:04d}@{domain}"
            writer.writerow([f"C{number:04d}", email, company, segment, handle, agrees, known.isoformat()])
    _write_followers(followers_path, world, as_of, customers, rng)


def _write_followers(path: Path, world: World, as_of: datetime, customers: set[int], rng: np.random.Generator) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["handle"])
        for account in range(1, world.cast.size):
            if rng.random() < (CUSTOMER_FOLLOWS if account in customers else OTHER_FOLLOWS):
                writer.writerow([world.handle(account, as_of)])
