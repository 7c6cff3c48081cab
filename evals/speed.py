"""Speed and memory of Footnote beside a stock LangChain pipeline, in one run on one machine."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

# Beside the GAO reports: a short filing, a middling and a long one.
FILINGS = ("FOOTLOCKER_2022_8K_dated-2022-05-20.pdf", "BESTBUY_2024Q2_10Q.pdf", "NETFLIX_2015_10K.pdf")
_COLD_RUNS = 3
_SELF_TIME = re.compile(r"^import time:\s+(\d+) \|", re.MULTILINE)


def run(data: Path, *, rounds: int, out: Path | None) -> int:
    """Print the table of figures and return 0, or 1 where the data is missing."""
    files = [
        *sorted((data / "gao" / "pdfs").glob("*.pdf")),
        *(data / "financebench" / "pdfs" / name for name in FILINGS),
    ]
    files = [file for file in files if file.is_file()]
    if not files:
        print(f"No PDFs in {data}/gao/pdfs. Name the data folder with --data.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        ours, stock = _ingests(Path(folder), files, rounds)
        cold = _cold(Path(folder) / "footnote-0")
    figures = {"footnote": ours, "stock": stock, "cold": cold, "machine": _machine()}
    print(_table(figures))
    if out is not None:
        out.write_text(json.dumps(figures, indent=2), encoding="utf-8")
    return 0


def run_asking(home: Path) -> int:
    """Print what questions cost over the library that a home holds, and return 0, or 1 where it holds none."""
    from evals.pipelines import answers

    if not (home / "library.db").is_file():
        print(f"{home} holds no library. Make one with: rag add DIR --home {home}", file=sys.stderr)
        return 1
    found = answers(home)
    embed = found["embed_p50"]
    rows = [
        ("", f"{found['chunks']:,} chunks, {found['dtype']}", "ratio"),
        ("embedding a question, p50 ms", f"{embed * 1000:.1f}", ""),
        *(
            (f"retrieval, {name}, p50 ms", f"{spent * 1000:.1f}", f"{spent / embed:.1f}x embedding")
            for name, spent in found["retrieve_p50"].items()
        ),
        ("whole quoted answer, p50 s", f"{found['answer_p50']:.2f}", ""),
        ("whole quoted answer, p95 s", f"{found['answer_p95']:.2f}", ""),
    ]
    print("\n".join([_machine(), "", *_lines(rows)]))
    return 0


def _ingests(folder: Path, files: Sequence[Path], rounds: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run both pipelines in turn and return each one's fastest round."""
    best: dict[str, dict[str, Any]] = {}
    for place in range(rounds):
        for name in ("footnote", "stock"):
            print(f"{name}: round {place + 1} of {rounds}, {len(files)} files ...", file=sys.stderr)
            command = [sys.executable, "-m", "evals.pipelines", name, str(folder / f"{name}-{place}"), *map(str, files)]
            printed = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, env=_environment()).stdout
            figures = json.loads(printed.splitlines()[-1])
            if name not in best or figures["ingest_seconds"] < best[name]["ingest_seconds"]:
                best[name] = figures
    return best["footnote"], best["stock"]


def _cold(home: Path) -> dict[str, float]:
    """Return the seconds of ``rag ask`` as a whole process, and the share of them spent importing."""
    command = ["-m", "rag.cli", "ask", "What was total net revenue?", "--json", "--home", str(home)]
    walls, shares = [], []
    for place in range(_COLD_RUNS + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, check=True, env=_environment())
        if place:
            walls.append(time.perf_counter() - began)
    began = time.perf_counter()
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", *command], capture_output=True, check=True, text=True, env=_environment()
    )
    importing = sum(int(found) for found in _SELF_TIME.findall(traced.stderr)) / 1e6
    shares.append(importing / (time.perf_counter() - began))
    return {"seconds": median(walls), "import_share": shares[0]}


def _environment() -> dict[str, str]:
    return {**os.environ, "HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "TQDM_DISABLE": "1"}


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _table(figures: dict[str, Any]) -> str:
    ours, stock, cold = figures["footnote"], figures["stock"], figures["cold"]
    rate = {name: one["pages"] / one["ingest_seconds"] for name, one in (("ours", ours), ("stock", stock))}
    embed = ours["embed_p50"]
    rows = [
        ("", "Footnote", "stock LangChain", "ratio"),
        ("embedding computed in", ours["dtype"], stock["dtype"], ""),
        ("ingest, pages/s", f"{rate['ours']:.1f}", f"{rate['stock']:.1f}", f"{rate['ours'] / rate['stock']:.1f}x"),
        ("pages", f"{ours['pages']}", f"{stock['pages']}", ""),
        ("chunks a page", f"{ours['chunks'] / ours['pages']:.1f}", f"{stock['chunks'] / stock['pages']:.1f}", ""),
        ("text in headers and footers", f"{ours['furniture_share']:.3f}", "", ""),
        ("share of other text indexed", f"{ours['indexed_share']:.4f}", "", ""),
        ("embedding a question, p50 ms", f"{embed * 1000:.1f}", f"{stock['embed_p50'] * 1000:.1f}", ""),
        *(
            (
                f"retrieval, {name}, p50 ms",
                f"{spent * 1000:.1f}",
                f"{stock['retrieve_p50'][name] * 1000:.1f}" if name in stock["retrieve_p50"] else "",
                f"{spent / embed:.1f}x embedding",
            )
            for name, spent in ours["retrieve_p50"].items()
        ),
        ("rag ask, cold process, s", f"{cold['seconds']:.1f}", "", f"{cold['import_share']:.0%} importing"),
        ("peak memory of ingest, MiB", f"{ours['peak_mib']:.0f}", f"{stock['peak_mib']:.0f}", ""),
    ]
    return "\n".join([figures["machine"], "", *_lines(rows)])


def _lines(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the rows as the lines of a Markdown table, the first as its head."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]
