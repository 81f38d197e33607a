"""An invented contact list of the own business, some of whose companies have accounts in the demo world.

Columns of the CSV, one row per contact, UTF-8, comma, header first:
    contact_id   C0001, C0002, ...
    email        name@company.example (a domain reserved for examples)
    company      invented company name
    segment      customer, prospect or influencer
    x_handle     handle of the company; empty for two thirds
    known_since  ISO date
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


def write_contacts(path: Path, world: World, as_of: datetime) -> None:
    """Write the contact list as of an instant; the same seed gives the same bytes."""
    rng = np.random.default_rng([world.seed, 92])
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["contact_id", "email", "company", "segment", "x_handle", "known_since"])
        for number in range(1, CONTACTS + 1):
            account = int(rng.integers(1, world.cast.size))
            company = world.cast.names[account]
            domain = urlsplit(link_target(company, 0)).hostname
            segment = SEGMENTS[int(rng.choice(3, p=[0.5, 0.4, 0.1]))]
            handle = world.handle(account, as_of) if rng.random() < (0.45 if segment == "customer" else 0.25) else ""
            known = (as_of - timedelta(days=int(rng.integers(30, 1_500)))).date()
            email = f"contact{number:04d}@{domain}"
            writer.writerow([f"C{number:04d}", email, company, segment, handle, known.isoformat()])
