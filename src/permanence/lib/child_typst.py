"""In a process of its own: a template of ours and data become a PDF. It is this file alone, and imports nothing of ours."""

import json
import struct
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
FONTS = Path(__file__).parents[3] / "build" / "paper"  # copied by `make setup` from Debian's Inter; without it, Typst's own serif
_HEAD = struct.Struct(">BI")


def _serve() -> None:
    """In the child: one document for each question, until the pipe closes."""
    import typst

    fonts = [FONTS] if FONTS.is_dir() else []
    while head := sys.stdin.buffer.read(_HEAD.size):
        asked = json.loads(sys.stdin.buffer.read(_HEAD.unpack(head)[1]))
        try:
            path = (PACKAGE / asked["template"]).resolve()
            if PACKAGE not in path.parents or path.suffix != ".typ":
                raise ValueError("not a template of ours")
            made = typst.compile(path, root=PACKAGE, font_paths=fonts, ignore_system_fonts=True, format="pdf",
                                 sys_inputs={"data": asked["data"]}, pdf_standards=["a-3a", "ua-1"])
            answer = 0, made
        except Exception as error:  # whatever it is, the parent says so and the next document is made
            answer = 1, str(error).encode()
        failed, body = answer
        sys.stdout.buffer.write(_HEAD.pack(failed, len(body)) + body)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
