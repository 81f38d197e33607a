"""What sources that ask an API share: the protocol, journals, requests with deadlines, rate limits, money, JSON values.

Endpoints, fields and the meaning of an error belong to the source.
"""
