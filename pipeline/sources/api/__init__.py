"""What sources that ask an API share: requests with deadlines, rate limits, money, bookmarks, JSON values.

Endpoints, fields and the meaning of an error belong to the source, such as `x_api`.
"""
