"""Erasing what the platform has taken back, everywhere in a data folder, with a receipt that names ids and no content.

`request` says what has to go, `lake_removals` and `probe` find it out without being asked, `lake_erasure` and `copies`
remove it from where it lies, `sweep` puts the steps in an order in which a crash at any point is made good by the next
call.
"""
