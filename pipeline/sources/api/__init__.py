"""What sources that ask an API share: requests with deadlines, rate limits, money, bookmarks, JSON values."""
