"""The four analytics exports of X, a module each, and what they share: columns, rows, account, period."""
