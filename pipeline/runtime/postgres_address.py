"""Addresses of PostgreSQL databases, as SQLAlchemy takes them."""


def with_driver(address: str) -> str:
    """The address with psycopg2 named: SQLAlchemy 2.1 takes another driver for the plain one, Dagster brings this."""
    scheme, separator, rest = address.partition("://")
    return f"postgresql+psycopg2{separator}{rest}" if scheme in {"postgres", "postgresql"} else address
