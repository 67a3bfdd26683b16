"""A name server of a test's own, made with dnspython."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress
from typing import Any

import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Names:
    """A name server on loopback whose answers may change from one question to the next."""

    def __init__(self, port: int = 53) -> None:
        self.answers: dict[str, dict[str, list[Any]]] = {}
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", port))
        self.address: tuple[str, int] = self._socket.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Answer no more; a question ends the thread."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.address)

    def _serve(self) -> None:
        while True:
            wire, who = self._socket.recvfrom(4096)
            if not wire:
                self._socket.close()
                return
            with suppress(dns.exception.DNSException):
                self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), who)

    def _answer(self, asked: dns.message.Message) -> dns.message.Message:
        (question,) = asked.question
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append(f"{name} {kind}")
        answer = dns.message.make_response(asked, recursion_available=True)
        if name.startswith("broken."):
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        if name not in self.answers:
            answer.set_rcode(dns.rcode.NXDOMAIN)
            return answer
        turns = self.answers[name].get(kind, [[]])
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        if found:
            texts = [json.dumps(one) for one in found] if kind == "TXT" else found
            answer.answer.append(dns.rrset.from_text(question.name, 1, "IN", kind, *texts))
        return answer
