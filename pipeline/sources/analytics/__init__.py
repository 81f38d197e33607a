"""What the four analytics exports share: columns, rows, account, period. No export of its own lives here."""
