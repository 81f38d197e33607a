"""What sources of files share: opening, tables of text cells from any format, values, handles, mappings, issues.

Parsers here are pure and know no source. What an API sends belongs to `sources.api`.
"""
