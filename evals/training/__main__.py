"""``python -m evals.training``: train the reranker that Footnote ships, from the public sets below a folder."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from evals.training.everything import HELD, one_pass, searched
from evals.training.pairs import Group
from rag import load_embedding

# Wrong passages of a question, beside the right one.
_WRONG = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and write the weights."""
    parser = argparse.ArgumentParser(prog="python -m evals.training", description="Train the reranker.")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the folder of public sets")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .safetensors file to write")
    parser.add_argument("--start", type=Path, metavar="FILE", help="go on from these weights, as they were written")
    parser.add_argument("--passes", type=int, default=1, help="over all sets, each with negatives of its own")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="end the training after so long")
    parser.add_argument("--held", default=",".join(map(str, HELD)), help="folds that are not trained on")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    options = parser.parse_args(arguments)
    from evals.training.packing import pack
    from evals.training.reranker import Recipe, train

    held = [int(fold) for fold in options.held.split(",") if fold]
    found = searched(options.data, load_embedding(), held)

    # A later run draws other negatives than the one that it starts from.
    first = 0 if options.start is None else 1000

    def gathered(seed: int) -> list[Group]:
        return one_pass(found, wrong=_WRONG, seed=first + seed)

    network = train(
        [partial(gathered, seed) for seed in range(options.passes)],
        Recipe(),
        start=options.start,
        say=lambda said: print(said, flush=True),
        minutes=options.minutes,
        device=options.device,
    )
    pack(network, options.out)
    print(f"{options.out}: SHA-256 {hashlib.sha256(options.out.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
