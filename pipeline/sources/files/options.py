"""When the texts of a column are options, and what stands for a text that is none of them."""

OTHER = "(other)"  # stands for every cell that is none of the declared options; its text may be personal
MOST_OPTIONS = 60
LONGEST_OPTION = 120
