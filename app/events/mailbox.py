"""Where answers of calendars arrive: a folder of mails, an mbox file, or a folder by IMAP."""

from __future__ import annotations

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from app.events.replies import LARGEST

MOST_AT_ONCE = 500
SECONDS = 20


class Unreadable(Exception):
    """The mailbox cannot be read now; its text is a short neutral reason."""


class Box(Protocol):
    """A place that hands out mails and is told what became of each."""

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """(key, content) of mails that wait, the oldest first."""

    def close(self, key: str, *, is_usable: bool) -> None:
        """This one is read; what could not be used is set aside for somebody to look at."""


@contextmanager
def opened(where: str) -> Iterator[Box]:
    """The mailbox that REPLY_MAILBOX names."""
    if where.startswith("imaps://"):
        with _imap(where) as box:
            yield box
        return
    path = Path(where)
    if path.is_dir():
        yield Folder(path)
    elif path.is_file():
        yield Mbox(path)
    else:
        raise Unreadable("neither a folder nor a file")


class Folder:
    """`*.eml` files, put there whole; read ones go to `read/`, unusable ones to `aside/`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """By name; hidden files are still being written."""
        for file in sorted(self.path.glob("*.eml"))[:MOST_AT_ONCE]:
            if not file.name.startswith(".") and file.is_file() and not file.is_symlink():
                with file.open("rb") as content:
                    yield file.name, content.read(LARGEST + 1)

    def close(self, key: str, *, is_usable: bool) -> None:
        """Move it away."""
        shelf = self.path / ("read" if is_usable else "aside")
        shelf.mkdir(exist_ok=True)
        (self.path / key).replace(shelf / key)


class Mbox:
    """One file of mails, which stays as it is; what cannot be used is copied beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._contents: dict[str, bytes] = {}

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """In the order of the file; whoever reads knows which ones it has read before."""
        box = mailbox.mbox(self.path, create=False)
        try:
            for key in box.iterkeys():
                content = box.get_bytes(key)
                self._contents = {str(key): content}
                yield str(key), content
        finally:
            box.close()

    def close(self, key: str, *, is_usable: bool) -> None:
        """Keep a copy of what somebody should look at."""
        if is_usable:
            return
        shelf = self.path.with_name(f"{self.path.name}.aside")
        shelf.mkdir(exist_ok=True)
        (shelf / f"{key}.eml").write_bytes(self._contents[key])


class Imap:
    """A folder on a mail server: read mails are marked as seen, unusable ones flagged as well."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self.server = server

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """Those that nobody has seen."""
        _status, [found] = self.server.uid("search", "UNSEEN")
        for key in (found or b"").split()[:MOST_AT_ONCE]:
            _status, parts = self.server.uid("fetch", key.decode(), "(BODY.PEEK[])")
            content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
            yield key.decode(), content

    def close(self, key: str, *, is_usable: bool) -> None:
        """Mark it."""
        flags = r"(\Seen)" if is_usable else r"(\Seen \Flagged)"
        self.server.uid("store", key, "+FLAGS", flags)


@contextmanager
def _imap(where: str) -> Iterator[Imap]:
    url = urlsplit(where)
    try:
        server = imaplib.IMAP4_SSL(
            url.hostname or "localhost",
            url.port or 993,
            ssl_context=ssl.create_default_context(),
            timeout=SECONDS,
        )
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unreadable(type(error).__name__) from error
    try:
        server.login(unquote(url.username or ""), unquote(url.password or ""))
        folder = unquote(url.path.strip("/")) or "INBOX"
        status, _ = server.select('"' + folder.replace('"', "") + '"')
        if status != "OK":
            raise Unreadable("no such folder")
        yield Imap(server)
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unreadable(type(error).__name__) from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()
