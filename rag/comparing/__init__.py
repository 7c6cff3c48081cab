"""Questions asked of every report by itself -> a table of reports by answers, and files of it."""

from rag.comparing.asking import Cell, compare
from rag.comparing.exporting import as_csv, as_xlsx
from rag.comparing.tabulating import UNSTATED, Entry, Numbering, Table, tabulate

__all__ = ["UNSTATED", "Cell", "Entry", "Numbering", "Table", "as_csv", "as_xlsx", "compare", "tabulate"]
