"""In a process of its own: the first words of each PDF that comes through the pipe. It is this file alone, and imports nothing of ours."""

import json
import struct
import sys
from typing import Any

MOST_PAGES, MOST_CHARACTERS = 2, 20_000
MEMORY = 1024 * 1024 * 1024  # bytes of address space, where the system can limit it
_HEAD = struct.Struct(">BI")


def _serve() -> None:
    """In the child: one file for each question, until the pipe closes."""
    import pypdfium2 as pdfium

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):  # another system: the time limit holds alone
        pass
    while head := sys.stdin.buffer.read(_HEAD.size):
        data = sys.stdin.buffer.read(_HEAD.unpack(head)[1])
        try:
            answer = _text(pdfium, data)
        except Exception as error:  # whatever it is, it is said and the next file is read
            locked = "password" in str(error).casefold()
            answer = {"text": "", "pages": 0,
                      "wrong": "PDF protégé par un mot de passe" if locked else "PDF abîmé ou incomplet"}  # fmt: skip
        body = json.dumps(answer).encode()
        sys.stdout.buffer.write(_HEAD.pack(0, len(body)) + body)
        sys.stdout.buffer.flush()


def _text(pdfium: Any, data: bytes) -> dict[str, Any]:
    document = pdfium.PdfDocument(data)
    try:
        pages, parts, left = len(document), list[str](), MOST_CHARACTERS
        for place in range(min(pages, MOST_PAGES)):
            page = document[place]
            words = page.get_textpage()
            part = words.get_text_range(0, min(words.count_chars(), left)) if words.count_chars() else ""
            parts.append(part)
            left -= len(part)
            words.close()
            page.close()
            if left <= 0:
                break
    finally:
        document.close()
    if not pages:
        raise ValueError("no page")
    return {"text": "\n".join(parts), "pages": pages, "wrong": ""}


if __name__ == "__main__":
    _serve()
