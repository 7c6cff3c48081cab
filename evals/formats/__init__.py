"""Public sets of evaluation data, read from where they lie: nothing of them is copied into this project.

Each format has a module, which says how the set is laid out and what was decided in reading it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from evals.claims import Claims
from evals.formats.attributionbench import load_attributionbench
from evals.formats.beir import load_beir
from evals.formats.clapnq import load_clapnq
from evals.formats.files import listing
from evals.formats.financebench import load_financebench
from evals.formats.mmlongbench import load_mmlongbench
from evals.formats.mtrag import load_mtrag
from evals.formats.multihop import load_multihop
from evals.formats.squad import load_squad
from evals.suite import Suite, SuiteError

FORMATS: dict[str, Callable[[Path], Suite | Claims]] = {
    "attributionbench": load_attributionbench,
    "beir": load_beir,
    "clapnq": load_clapnq,
    "clapnq-given": partial(load_clapnq, given=True),
    "financebench": load_financebench,
    "mmlongbench": load_mmlongbench,
    "mmlongbench-given": partial(load_mmlongbench, given=True),
    "mtrag": load_mtrag,
    "mtrag-rewritten": partial(load_mtrag, rewritten=True),
    "multihop-rag": load_multihop,
    "squad2": load_squad,
    "squad2-given": partial(load_squad, given=True),
}


def load(source: str) -> Suite | Claims:
    """Return the set that ``FORMAT:FOLDER`` names, such as ``beir:data/scifact``.

    Raises SuiteError for a format that there is not, a file that is missing, and one that is not as the format has it;
    the message names the file, the line or index, and the field.
    """
    name, given, path = source.partition(":")
    if name not in FORMATS or not given or not path:
        raise SuiteError(f"{source!r} is not FORMAT:FOLDER with one of the formats: {', '.join(FORMATS)}.")
    folder = Path(path)
    if not folder.is_dir():
        raise SuiteError(
            f"{source}: there is no folder {folder}. {listing(folder.parent)} Name the folder that holds the set."
        )
    return replace(FORMATS[name](folder), source=source)
