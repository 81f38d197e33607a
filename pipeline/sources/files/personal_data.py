"""Finding personal data that nobody declared: e-mail addresses, phone numbers, IP addresses, telling column names.

Says what kind was found and how often, never what it was. What to do about it is decided by the source.
Patterns err on the side of refusing; a person can declare a false alarm.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from ipaddress import IPv6Address

PRIVATE = re.compile(r"e[-_]?mail|phone|birth", re.IGNORECASE)  # in the name of a column
EMAIL, PHONE, IP = "e-mail address", "phone number", "IP address"
# Lengths are bounded, so that a hostile cell of a million characters costs linear time.
_EMAIL = re.compile(r"[^\s@<>,;:\"'()\[\]]{1,64}@[^\s@<>,;:\"'()\[\]]{1,250}\.[^\W_]{2,}")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?<![\d.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\.?\d)")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:.]{3,45}(?![\w:])")
# Dates and times are digits in groups as well; they are taken out before phone numbers are looked for.
_DATE = re.compile(
    r"(?<![\d./-])(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?![./-]?\d)"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
)
_PHONES = (
    re.compile(r"(?<![\w.])\+\d[\d ()./-]{6,20}\d(?!\w)"),  # international: +49 170 1234567
    re.compile(r"(?<!\w)\(\d{2,5}\) ?\d{2,4}[ .-]?\d{3,8}(?![\w.])"),  # area code in brackets
    re.compile(r"(?<![\w.,$€£+-])(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w.,-]?\d)"),  # 555-123-4567
    re.compile(r"(?<![\w.,:$€£+-])00?[1-9]\d{0,3}(?:[ ./-]{0,3}\d{2,8}){1,5}(?![\w:])"),  # 030 1234567, 0049 30 123456
    re.compile(r"(?<![\w.,:$€£+-])1?[2-9]\d{2}[2-9]\d{6}(?![\w.,:-]?\d)"),  # North American, digits only
)
_PHONE_DIGITS = range(9, 16)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TELLING_WORDS = {
    "email": EMAIL,
    "mail": EMAIL,
    "phone": PHONE,
    "telephone": PHONE,
    "mobile": PHONE,
    "cell": PHONE,
    "fax": PHONE,
    "ip": IP,
    "latitude": "location",
    "longitude": "location",
    "lat": "location",
    "lng": "location",
    "lon": "location",
    "firstname": "name",
    "lastname": "name",
    "surname": "name",
    "name": "name",
    "address": "address",
    "street": "address",
    "zip": "address",
    "postcode": "address",
    "birthday": "date of birth",
    "birthdate": "date of birth",
    "dob": "date of birth",
}
# Words that may stand around a telling word without making it a question: `Recipient Email`, `IP Address`.
_FILLERS = {"address", "number", "no", "id", "code", "your", "recipient", "respondent", "contact", "first", "last"}
_FILLERS |= {
    "full",
    "middle",
    "location",
    "e",
    "work",
    "business",
    "home",
    "user",
    "customer",
    "network",
    "postal",
    "of",
}


def find_kind(text: str) -> str | None:
    """The kind of personal data that a text holds, or None."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if "@" in plain and _EMAIL.search(plain):
        return EMAIL
    if not any(letter.isdigit() for letter in plain) and ":" not in plain:
        return None
    if _IPV4.search(plain) or any(_is_ipv6(match[0]) for match in _IPV6.finditer(plain)):
        return IP
    undated = _DATE.sub(" | ", plain)
    found = (match for pattern in _PHONES for match in pattern.finditer(undated))
    return PHONE if any(sum(map(str.isdigit, match[0])) in _PHONE_DIGITS for match in found) else None


def count_kinds(cells: Iterable[str]) -> Mapping[str, int]:
    """How many cells hold which kind of personal data; each distinct text is looked at once."""
    kinds: Counter[str] = Counter()
    for text, times in Counter(cells).items():
        kind = find_kind(text)
        if kind:
            kinds[kind] += times
    return kinds


def suspicious_name(name: str) -> str | None:
    """The kind of personal data that a column's name announces (`RecipientEmail`, `IP Address`), or None.

    A question that only mentions the thing ("How many e-mails do you send?") does not count.
    """
    for part in name.split(" / "):
        words = [word.casefold() for word in _WORD.findall(part)]
        telling = [word for word in words if word in _TELLING_WORDS]
        if telling and len(words) <= 4 and all(word in _TELLING_WORDS or word in _FILLERS for word in words):
            return _TELLING_WORDS[telling[0]]
    return None


def mask_within(text: str) -> tuple[str, list[str]]:
    """The text with each address and number in it replaced by its kind, and the kinds that were found."""
    if find_kind(text) is None:
        return text, []
    plain, kinds = unicodedata.normalize("NFKC", text), []
    for kind, patterns in ((EMAIL, (_EMAIL,)), (IP, (_IPV4,)), (PHONE, _PHONES)):
        for pattern in patterns:
            plain, count = pattern.subn(partial(_replaced, kind=kind), plain)
            kinds += [kind] * bool(count)
    # What is found only once dates are taken out, or is an address of IPv6, takes the whole text with it.
    left = find_kind(plain)
    return (f"(hidden: {left})", [*kinds, left]) if left else (plain, kinds)


def _replaced(found: re.Match[str], kind: str) -> str:
    is_number = kind is not PHONE or sum(map(str.isdigit, found[0])) in _PHONE_DIGITS
    return f"(hidden: {kind})" if is_number and not _DATE.fullmatch(found[0]) else found[0]


def mask(text: str) -> str:
    """Text for a message: as it is, or only the kind of personal data it holds; at most 90 characters.

    A long text is cut in its middle: columns of one question differ at their ends.
    """
    kind = find_kind(text)
    if kind:
        return f"(hidden, looks like: {kind})"
    return text if len(text) <= 90 else f"{text[:40]} ... {text[-45:]}"


def _is_ipv6(text: str) -> bool:
    if len([group for group in text.split(":") if group]) < 3:  # shorter ones are words such as C::B
        return False
    try:
        return not IPv6Address(text.rstrip(".")).is_unspecified
    except ValueError:
        return False
