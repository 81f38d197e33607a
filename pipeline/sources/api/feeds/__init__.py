"""What platforms share whose accounts are read as feeds, without a token and without a bill.

An account has a feed of its posts, newest first, measured by time; metrics are read again in batches by id. A source
brings its requests, the rows that its answers come to, and a `FeedPlatform`.
"""
