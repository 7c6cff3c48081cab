"""Changes planted in true claims, and how seldom the checker takes them for true."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.claim_runs import passages_of
from evals.claims import Claim
from evals.formats.attributionbench import load_attributionbench
from evals.planted import plant
from evals.training.checker import fold_of, groups_of
from rag import Embedding
from rag.checking import check
from rag.writing import Draft

CREW = "Tiangong has had a crew of 3 astronauts since 2022. The crew may visit Skylab."
CLAIM = Claim("one", "The crew of Tiangong is 3 astronauts, who may visit Skylab.", (CREW,), True)
OTHER = Claim("two", "It flew over France.", ("It flew over France.",), True)


def test_each_change_says_what_the_references_do_not() -> None:
    made = {one.kind: one.text for one in plant([CLAIM, OTHER]) if one.claim is CLAIM}
    assert made.keys() == {"number", "name", "negation", "modality"}
    assert made["modality"] == "The crew of Tiangong is 3 astronauts, who will visit Skylab."
    assert made["negation"] == "The crew of Tiangong is not 3 astronauts, who may visit Skylab."
    assert "France" in made["name"]
    assert "3" not in made["number"]


def test_a_claim_is_always_changed_in_the_same_way_and_one_that_is_not_true_never() -> None:
    assert plant([CLAIM, OTHER]) == plant([CLAIM, OTHER])
    assert plant([Claim("no", CLAIM.text, CLAIM.references, False)]) == []


def test_a_denial_is_taken_out_where_there_is_one() -> None:
    denied = Claim("not", "The crew is not on Mir.", ("The crew is not on Mir.",), True)
    assert [one.text for one in plant([denied])] == ["The crew is on Mir."]


def test_claims_that_a_chain_of_questions_and_references_joins_share_a_fold() -> None:
    claims = [Claim(name, "It is so.", references, True) for name, references in
              (("a", ("x",)), ("b", ("y",)), ("c", ("x", "z")), ("d", ("w",)))]  # fmt: skip
    assert groups_of(claims, ["1", "2", "2", "3"]) == ["a", "a", "a", "d"]
    assert fold_of("a") == fold_of("a") in range(5)


def test_of_planted_changes_to_claims_that_people_found_true_few_are_verified(data: Path, minilm: Embedding) -> None:
    folder = data / "attributionbench"
    if not folder.is_dir():
        pytest.skip(f"no attributionbench in {data}")
    claims = [one for one in load_attributionbench(folder).claims if sum(map(len, one.references)) < 1000]
    chosen = plant(claims)[::8]
    passed = [
        one
        for one in chosen
        if check(Draft(one.text, tuple(range(len(one.claim.references)))), passages_of(one.claim), minilm).support
        == "verified"
    ]
    assert len(chosen) > 40
    assert len(passed) / len(chosen) < 0.1
