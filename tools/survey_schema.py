"""Writes the JSON Schema of survey mappings: `python -m tools.survey_schema [--check]`."""

import sys

from pipeline.sources.survey.schema import TARGET, render


def main() -> int:
    """Write the schema, or with --check say whether it is current."""
    text = render()
    if "--check" in sys.argv:
        current = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text
        print("the schema of survey mappings is current" if current else "stale: python -m tools.survey_schema")
        return 0 if current else 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
