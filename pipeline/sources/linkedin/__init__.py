"""What the admin of a LinkedIn page exports: content, followers and competitors; and what of it is left aside.

`tables` finds LinkedIn's tables in a file by their column names, `days` reads the days, `counts` the figures, `daily`,
`posts` and `competitors` make rows of them, `page` says whose they are, and `export` puts a file together. Names of
employees, and audiences by place, seniority or employer, go no further than `tables`.
"""
