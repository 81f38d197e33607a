"""The mapping of a table of clicks (`kind: link_clicks`), a YAML file in DATA_DIR/mappings/.

columns         our name: the table's column. link, date, clicks (all three must be there), long_url
date_order      month_first or day_first for dates such as 5/6/2018
missing_days    zero: the tool leaves out days without clicks, so a link had none on the days of the file's period
                that it lacks. Without this key such days are not reported
file_name       only files with such a name (`bitly_*.csv`)
"""

from typing import Literal

from pipeline.sources.files.cells import DateOrder
from pipeline.sources.files.mapping_values import Filled, MappingPart


class ClickColumns(MappingPart):
    """Our name: the table's column."""

    link: Filled
    date: Filled
    clicks: Filled
    long_url: Filled | None = None


class ClickMapping(MappingPart):
    """The mapping of a table of clicks; see the module's description for every key."""

    kind: Literal["link_clicks"]
    columns: ClickColumns
    date_order: DateOrder | None = None
    missing_days: Literal["zero"] | None = None
    file_name: Filled | None = None
