"""What sources of files share: opening, tables of text cells from any format, values, handles, mappings, issues."""
