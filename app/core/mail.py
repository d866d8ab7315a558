"""Mail: composed with the standard library, sent by SMTP or written to files.

A mail cannot be exactly-once (RFC 1047); what we promise is that a repeated mail is the same mail:
its Message-ID and boundaries derive from the delivery's id, which says nothing to outsiders.
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

import flask

from app.core import clock
from app.core.channels import Away, Channel, Rejected, TryLater
from app.core.locale import current_language, speaking
from app.core.outbox import Message, Recipient
from app.core.settings import Settings

SECONDS = 10
PROBE_SECONDS = 3
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class _Whole(UnstructuredHeader):
    """A header in one line: folding would encode a long address, and nobody could follow it."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """Name and value as they are."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _Whole)  # type: ignore[arg-type]
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_headers)


class Mail(Channel):
    """The channel `mail`, to MAIL_URL or into files."""

    name = "mail"

    def __init__(self) -> None:
        self._post: _Smtp | None = None

    def lacks(self, to: Recipient) -> str | None:
        """Without an address there is no mail."""
        return None if to.email else "no address"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """One connection for a batch."""
        url = _settings().mail_url
        self._post = _Smtp(urlsplit(url)) if url else None
        try:
            yield
        finally:
            if self._post is not None:
                self._post.close()
            self._post = None

    def send(self, delivery_id: UUID, to: Recipient, message: Message) -> None:
        """Compose and hand over one mail."""
        settings = _settings()
        with speaking(to.locale, to.zone, to.hour_cycle):
            mail = compose(delivery_id, to, message, settings)
        if self._post is None:
            _keep_file(settings.data_dir / "outbox", delivery_id, mail)
        else:
            self._post.send(mail)


def _settings() -> Settings:
    settings: Settings = flask.current_app.extensions["settings"]
    return settings


# composing


def compose(delivery_id: UUID, to: Recipient, message: Message, settings: Settings) -> EmailMessage:
    """The mail in the language being spoken; raises Rejected for an impossible address."""
    mail = EmailMessage(policy=_POLICY)
    host = urlsplit(settings.base_url).hostname or "localhost"
    try:
        name, address = parseaddr(settings.mail_from)
        mail["From"] = _address(message.sender or name, address)
        mail["To"] = _address(to.name, to.email or "")
    except (MessageError, ValueError, IndexError) as error:
        raise Rejected("bad address") from error
    if message.reply_to:
        with suppress(MessageError, ValueError, IndexError):
            mail["Reply-To"] = _address("", message.reply_to)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{delivery_id.hex}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    _offer_unsubscribing(mail, message, settings)
    inputs = {
        "message": message,
        "language": current_language(),
        "base_url": settings.base_url,
        "url": settings.base_url + message.link if message.link else None,
        "unsubscribe": settings.base_url + message.unsubscribe if message.unsubscribe else None,
    }
    mail.set_content(_render("mail/base.txt", inputs))
    mail.add_alternative(_render("mail/base.html", inputs), subtype="html")
    _attach(mail, message)
    mail["Content-Language"] = current_language().tag
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{delivery_id.hex}_{number}")
    return mail


def _offer_unsubscribing(mail: EmailMessage, message: Message, settings: Settings) -> None:
    """One click in the mail program, as RFC 8058 has it."""
    if message.unsubscribe:
        mail["List-Unsubscribe"] = f"<{settings.base_url}{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def one_line(text: str) -> str:
    """Text safe for a header: no control characters, so nothing can start a new header."""
    return " ".join(_CONTROL.sub(" ", text).split())[:200]


def _address(name: str, address: str) -> Address:
    return Address(display_name=one_line(name), addr_spec=address)


def _render(template: str, inputs: dict[str, object]) -> str:
    # Straight from the environment: context processors ask for a request.
    return flask.current_app.jinja_env.get_template(template).render(inputs)


def _attach(mail: EmailMessage, message: Message) -> None:
    for file in message.attachments:
        maintype, _, subtype = file.mimetype.partition("/")
        params = {"method": file.method, "charset": "utf-8"} if file.method else {}
        mail.add_attachment(
            file.content, maintype, subtype, filename=one_line(file.name), params=params
        )


def _keep_file(folder: Path, delivery_id: UUID, mail: EmailMessage) -> None:
    """Write the mail under its delivery's id, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{delivery_id.hex}.{os.getpid()}"
    draft.write_bytes(mail.as_bytes())
    draft.replace(folder / f"{delivery_id.hex}.eml")


# sending

_Watch = Callable[[smtplib.SMTP], None]


class _Plain(smtplib.SMTP):
    """Makes itself known before it dials, so that even a slow greeting can be cut."""

    def __init__(self, watch: _Watch, host: str, port: int, **options: Any) -> None:
        watch(self)
        super().__init__(host, port, **options)


class _Secure(smtplib.SMTP_SSL):
    """The same by TLS from the first byte."""

    def __init__(self, watch: _Watch, host: str, port: int, **options: Any) -> None:
        watch(self)
        super().__init__(host, port, **options)


class _Smtp:
    """One connection to the mail server, made when first needed and made anew when it broke."""

    def __init__(self, url: SplitResult) -> None:
        self.url = url
        self._server: smtplib.SMTP | None = None
        self._line: smtplib.SMTP | None = None

    def send(self, mail: EmailMessage) -> None:
        """Send one mail within ten seconds; says whose fault a failure is."""
        try:
            with _hung_up_after(SECONDS, lambda: self._line):
                self._connected().send_message(mail)
        except Away:
            self.close()
            raise
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            raise _judged(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPSenderRefused as error:
            self._reset()
            # Any sender but this one's size is refused for all mails alike: a matter of settings.
            if error.smtp_code // 100 == 5 and error.smtp_code != 552:
                raise Away(f"sender refused ({error.smtp_code})") from error
            raise _judged(error.smtp_code) from error
        except smtplib.SMTPResponseException as error:
            self._reset()
            raise _judged(error.smtp_code) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Rejected("address not supported") from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            if not self._answers():
                raise Away("mail server does not answer") from error
            raise TryLater("connection lost") from error

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._connect(SECONDS, self._watch)
            except smtplib.SMTPAuthenticationError as error:
                raise Away("mail sign-in refused") from error
            except (OSError, smtplib.SMTPException) as error:
                raise Away("mail server does not answer") from error
        return self._server

    def _watch(self, line: smtplib.SMTP) -> None:
        self._line = line

    def _connect(self, seconds: float, watch: _Watch) -> smtplib.SMTP:
        url, host = self.url, self.url.hostname or "localhost"
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if url.scheme == "smtps":
            server = _Secure(watch, host, url.port or 465, timeout=seconds, context=context)
        else:
            server = _Plain(watch, host, url.port or 25, timeout=seconds)
        server.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and host not in LOOPBACK and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if url.username:
            if url.scheme == "smtp" and host not in LOOPBACK and not _is_encrypted(server):
                raise Away("mail server offers no encryption for the password")
            server.login(unquote(url.username), unquote(url.password or ""))
        return server

    def _answers(self) -> bool:
        """Whether the server still greets, which tells a bad mail from a bad server."""
        lines: list[smtplib.SMTP] = []
        try:
            with _hung_up_after(PROBE_SECONDS, lambda: lines[0] if lines else None):
                self._connect(PROBE_SECONDS, lines.append).close()
        except (OSError, smtplib.SMTPException, Away):
            return False
        return True

    def _reset(self) -> None:
        """After a refusal the connection is good for the next mail, or else it is dropped."""
        try:
            if self._server is not None:
                self._server.rset()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        """Take leave without waiting."""
        if self._server is not None:
            self._server.close()
        self._server = self._line = None


def _is_encrypted(server: smtplib.SMTP) -> bool:
    return isinstance(server.sock, ssl.SSLSocket)


def _judged(code: int, _text: bytes = b"") -> Exception:
    """Whose fault an SMTP answer is: 421 the server's, 4xx passing, 5xx final."""
    if code == 421 or code < 400:
        return Away(f"mail server answered {code}")
    return TryLater(f"answered {code}") if code < 500 else Rejected(f"answered {code}")


@contextmanager
def _hung_up_after(seconds: float, line: Callable[[], smtplib.SMTP | None]) -> Iterator[None]:
    """Cut the connection at the deadline: a socket's own timeout starts anew with every byte."""

    def cut() -> None:
        sock = getattr(line(), "sock", None)
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
