"""Pending batches: submitted to the batch API, their replies not downloaded yet.

Tables `batches` and `batch_keys` of the store, so that a batch survives the process that made it,
and `batch_files`, files of ended batches that are still to be deleted at the provider.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from distill.llm.store import Store


@dataclass(frozen=True)
class Batch:
    """One batch.

    `file` is the id of its input file; `id` is its own, empty until the server has created it.
    `prompts` maps each reply's key to the characters of its prompt; `dollars` is the highest
    possible cost.
    """

    file: str
    prompts: dict[str, int]
    max_tokens: int
    dollars: float
    id: str = ""
    number: int = 0


def add(store: Store, batch: Batch) -> Batch:
    """Record a batch and return it with its number."""
    values = [batch.file, batch.id, batch.max_tokens, batch.dollars]
    sql = "INSERT INTO batches VALUES (NULL, ?, ?, ?, ?) RETURNING number"
    with store.transaction():
        [(number,)] = store.query(sql, values)
        for key, characters in batch.prompts.items():
            store.execute("INSERT INTO batch_keys VALUES (?, ?, ?)", [key, number, characters])
    return replace(batch, number=number)


def set_id(store: Store, batch: Batch, id_: str) -> Batch:
    """Record the id that the server gave a batch; return the batch with it."""
    store.execute("UPDATE batches SET id = ? WHERE number = ?", [id_, batch.number])
    return replace(batch, id=id_)


def batches_of(store: Store, keys: Iterable[str]) -> list[Batch]:
    """Return the batches that will bring a reply to any of these keys."""
    sql = "SELECT batch FROM batch_keys WHERE key = ?"
    numbers = {number for key in keys for (number,) in store.query(sql, [key])}
    batches = [_batch(store, number) for number in sorted(numbers)]
    return [batch for batch in batches if batch is not None]


def _batch(store: Store, number: int) -> Batch | None:
    sql = "SELECT file, id, max_tokens, dollars FROM batches WHERE number = ?"
    rows = store.query(sql, [number])
    if not rows:  # another process has cached its replies meanwhile
        return None
    [(file, id_, cap, dollars)] = rows
    prompts = store.query("SELECT key, characters FROM batch_keys WHERE batch = ?", [number])
    return Batch(file, dict(prompts), cap, dollars, id_, number)


def is_pending(store: Store, key: str) -> bool:
    """Whether a pending batch will bring the reply."""
    return bool(store.query("SELECT 1 FROM batch_keys WHERE key = ? LIMIT 1", [key]))


def remove(store: Store, batch: Batch) -> bool:
    """Remove a batch, within a transaction; False if another process has removed it before."""
    store.execute("DELETE FROM batch_keys WHERE batch = ?", [batch.number])
    return store.execute("DELETE FROM batches WHERE number = ?", [batch.number]) == 1


def add_files(store: Store, url: str, files: Iterable[str]) -> None:
    """Record files to delete at the provider of this URL."""
    for file in files:
        store.execute("INSERT OR IGNORE INTO batch_files VALUES (?, ?)", [url, file])


def files_at(store: Store, url: str) -> list[str]:
    """Return the files that a killed process has left at the provider."""
    rows = store.query("SELECT file FROM batch_files WHERE url = ?", [url])
    return [str(file) for (file,) in rows]


def remove_file(store: Store, url: str, file: str) -> None:
    """Remove a file that was deleted, or that the user was told to delete."""
    store.execute("DELETE FROM batch_files WHERE url = ? AND file = ?", [url, file])
