"""The folder on a mail server, spoken to in IMAP's own words: a small server of the test's own."""

from __future__ import annotations

import imaplib
import re
import socketserver
import threading
from collections.abc import Iterator

import pytest

from app.events.mailbox import Imap


class Server(socketserver.ThreadingTCPServer):
    """Two unseen mails; it notes which flags they get."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails = {"7": b"From: a@t.example\r\n\r\nfirst", "9": b"From: b@t.example\r\n\r\nno"}
        self.flags: dict[str, str] = {}
        self.asked: list[str] = []


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.wfile.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            self.server.asked.append(command)
            self._answer(command)
            self.wfile.write(f"{tag} OK done\r\n".encode())
            if command.upper() == "LOGOUT":
                return

    def _answer(self, command: str) -> None:
        if command == "CAPABILITY":
            self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
        elif command.startswith("SELECT"):
            self.wfile.write(b"* 2 EXISTS\r\n")
        elif command == "UID search UNSEEN" or command == "UID SEARCH UNSEEN":
            unseen = [key for key in self.server.mails if key not in self.server.flags]
            self.wfile.write(f"* SEARCH {' '.join(unseen)}\r\n".encode())
        elif found := re.match(r"UID fetch (\d+)", command, re.I):
            key = found[1]
            content = self.server.mails[key]
            head = f"* 1 FETCH (UID {key} BODY[] {{{len(content)}}}\r\n".encode()
            self.wfile.write(head + content + b")\r\n")
        elif found := re.match(r"UID store (\d+) \+FLAGS (.+)", command, re.I):
            self.server.flags[found[1]] = found[2]


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_unseen_mails_are_read_marked_and_not_read_again(server) -> None:
    with imaplib.IMAP4("127.0.0.1", server.server_address[1], timeout=10) as line:
        line.login("replies", "secret")
        line.select("INBOX")
        box = Imap(line)
        read = dict(box.mails())
        assert read == server.mails
        box.close("7", is_usable=True)
        box.close("9", is_usable=False)
        assert dict(box.mails()) == {}
    assert server.flags == {"7": r"(\Seen)", "9": r"(\Seen \Flagged)"}
    fetched = [command for command in server.asked if "fetch" in command.lower()]
    assert all("BODY.PEEK[]" in command for command in fetched), "looking marks nothing"
