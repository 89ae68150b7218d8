"""The pictures of a ZIP file, by the names that its sheet gives them."""

from collections import defaultdict
from pathlib import PurePosixPath

from humiao import metrics
from humiao.blobs import Blobs
from humiao.errors import BadInput
from humiao.intake.archive import Contents
from humiao.intake.pictures import MAX_BYTES, check_picture
from humiao.intake.zip_directory import DAMAGED
from humiao.post import MAX_ATTACHMENTS, Post


class Attaching:
    """Finds, checks and keeps the pictures that posts name."""

    def __init__(self, contents: Contents, blobs: Blobs) -> None:
        self._contents, self._blobs = contents, blobs
        self._kept: dict[str, str] = {}
        """SHA-256 by path."""
        self._refused: dict[str, str] = {}
        """Why not, by path."""
        self._by_path: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for path in contents.pictures:
            whole = PurePosixPath(path.casefold())
            for form in (whole, whole.with_suffix("")):
                self._by_path[str(form)].add(path)
                self._by_name[form.name].add(path)

    def attach(self, post: Post, names: tuple[str, ...]) -> tuple[Post, tuple[str, ...]]:
        """`post` with the pictures that `names` name, and a line for each one that it goes without."""
        kept: list[str] = []
        remarks = []
        for name in dict.fromkeys(names):
            try:
                kept.append(self._keep(name))
            except BadInput as error:
                remarks.append(f"picture {name[:100]!r} {error}; the post goes in without it")
        if len(kept) > MAX_ATTACHMENTS:
            remarks.append(f"has {len(kept)} pictures; the post goes in with the first {MAX_ATTACHMENTS}")
        shas = tuple(dict.fromkeys(kept))[:MAX_ATTACHMENTS]
        return post.model_copy(update={"attachments": shas}), tuple(remarks)

    def unreferenced(self) -> list[str]:
        """Paths of the pictures that no post named."""
        left = sorted(path for path in self._contents.pictures if path not in self._kept and path not in self._refused)
        metrics.INGEST_PICTURES.labels("unreferenced").inc(len(left))
        return left

    def _keep(self, name: str) -> str:
        path = self._find(name)
        if path not in self._kept and path not in self._refused:
            try:
                self._kept[path] = self._blobs.put(self._content(path))
                metrics.INGEST_PICTURES.labels("kept").inc()
            except BadInput as error:
                self._refused[path] = str(error)
                metrics.INGEST_PICTURES.labels("refused").inc()
        if path in self._refused:
            raise BadInput(self._refused[path])
        return self._kept[path]

    def _find(self, name: str) -> str:
        wanted = PurePosixPath(name.replace("\\", "/").removeprefix("./").casefold())
        beside = PurePosixPath(self._contents.sheet_name.casefold()).parent / wanted
        for paths in (self._by_path.get(str(wanted)), self._by_path.get(str(beside)), self._by_name.get(wanted.name)):
            if not paths:
                continue
            if len(paths) == 1:
                return next(iter(paths))
            metrics.INGEST_PICTURES.labels("missing").inc()
            raise BadInput(f"may be any of {len(paths)} files; write its whole path, such as {min(paths)[:100]}")
        metrics.INGEST_PICTURES.labels("missing").inc()
        raise BadInput("is not in the ZIP file")

    def _content(self, path: str) -> bytes:
        entry = self._contents.pictures[path]
        if entry.file_size > MAX_BYTES:
            raise BadInput(f"has {entry.file_size >> 20} MiB; the limit is {MAX_BYTES >> 20} MiB")
        try:
            content = self._contents.archive.read(entry)
        except (*DAMAGED, ValueError) as error:
            raise BadInput(f"can't be unpacked ({type(error).__name__})") from error
        check_picture(content)
        return content
