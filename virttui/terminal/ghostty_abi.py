"""What this package relies on in libghostty-vt, checked once when it is imported.

The library's ``get`` functions write through an untyped pointer: with a wrong type they write past
the buffer, which once corrupted the heap. So the types stand in one table; ``check`` compares
everything that is used with the description that the library gives of itself, and asks each value
once into a buffer that is larger than any of them to see how many bytes are written.
"""

from __future__ import annotations

import json
from typing import Any

from pyghostty import ffi, lib

# The library takes two unions by value, which cffi cannot pass. Structs of more than 16 bytes with
# the same layout are passed in the same way.
ffi.cdef("""
typedef struct { GhosttyPointTag tag; uint32_t gap; uint16_t x; uint32_t y; uint64_t padding; }
    VirttuiPoint;
typedef struct { GhosttyTerminalScrollViewportTag tag; uint64_t row; uint64_t padding; }
    VirttuiScroll;
""")
_TWINS = {
    "VirttuiPoint": ("GhosttyPoint", "GhosttyPointCoordinate", ("x", "y")),
    "VirttuiScroll": (
        "GhosttyTerminalScrollViewport", "GhosttyTerminalScrollViewportValue", ("row",),
    ),
}  # fmt: skip

grid_ref = ffi.cast(
    "GhosttyResult(*)(GhosttyTerminal, VirttuiPoint, GhosttyGridRef*)",
    ffi.addressof(lib, "ghostty_terminal_grid_ref"),
)
track = ffi.cast(
    "GhosttyResult(*)(GhosttyTerminal, VirttuiPoint, GhosttyTrackedGridRef*)",
    ffi.addressof(lib, "ghostty_terminal_grid_ref_track"),
)
scroll_viewport = ffi.cast(
    "void(*)(GhosttyTerminal, VirttuiScroll)",
    ffi.addressof(lib, "ghostty_terminal_scroll_viewport"),
)

# Bits of a packed cell: the lowest one, and how many.
TAG = (0, 2)
CODE_POINT = (2, 21)
PALETTE = (2, 8)
RED, GREEN, BLUE = (2, 8), (10, 8), (18, 8)
STYLE_NUMBER = (26, 16)
WIDE = (42, 2)

TERMINAL_VALUES = {
    "TERMINAL_DATA_COLS": "uint16_t",
    "TERMINAL_DATA_ROWS": "uint16_t",
    "TERMINAL_DATA_CURSOR_X": "uint16_t",
    "TERMINAL_DATA_CURSOR_Y": "uint16_t",
    "TERMINAL_DATA_CURSOR_VISIBLE": "bool",
    "TERMINAL_DATA_TOTAL_ROWS": "size_t",
    "TERMINAL_DATA_SCROLLBACK_MAX_BYTES": "size_t",
    "TERMINAL_DATA_SCROLLBACK_MAX_LINES": "size_t",
    "TERMINAL_DATA_CLIPBOARD_WRITE_MAX_BYTES": "size_t",
    "TERMINAL_DATA_KITTY_IMAGE_STORAGE_LIMIT": "uint64_t",
}
"""What is asked of a terminal, and the type that is written."""

RENDER_VALUES = {"RENDER_STATE_DATA_DIRTY": "GhosttyRenderStateDirty"}
"""What is asked of a render state."""

ROW_VALUES = {"RENDER_STATE_ROW_DATA_CELLS_RAW": "GhosttyCellsView"}
"""What is asked of a row."""

CELL_VALUES = {
    "RENDER_STATE_ROW_CELLS_DATA_STYLE": "GhosttyStyle",
    "RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_LEN": "uint32_t",
}
"""What is asked of a cell."""

_ENUMS = {
    "GhosttyPointTag": ("GHOSTTY_POINT_TAG_SCREEN",),
    "GhosttyTerminalScrollViewportTag": (
        "GHOSTTY_SCROLL_VIEWPORT_BOTTOM", "GHOSTTY_SCROLL_VIEWPORT_ROW",
    ),
    "GhosttyFormatterFormat": ("GHOSTTY_FORMATTER_FORMAT_PLAIN",),
    "GhosttyTerminalOption": (
        "GHOSTTY_TERMINAL_OPT_WRITE_PTY", "GHOSTTY_TERMINAL_OPT_SCROLLBACK_MAX_BYTES",
        "GHOSTTY_TERMINAL_OPT_SCROLLBACK_MAX_LINES",
        "GHOSTTY_TERMINAL_OPT_CLIPBOARD_WRITE_MAX_BYTES",
        "GHOSTTY_TERMINAL_OPT_KITTY_IMAGE_STORAGE_LIMIT",
    ),
    "GhosttyTerminalData": (
        "GHOSTTY_TERMINAL_DATA_MODE", *map("GHOSTTY_{}".format, TERMINAL_VALUES),
    ),
    "GhosttyRenderStateData": (
        "GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR", *map("GHOSTTY_{}".format, RENDER_VALUES),
    ),
    "GhosttyRenderStateDirty": (
        "GHOSTTY_RENDER_STATE_DIRTY_FALSE", "GHOSTTY_RENDER_STATE_DIRTY_PARTIAL",
        "GHOSTTY_RENDER_STATE_DIRTY_FULL",
    ),
    "GhosttyRenderStateRowData": (
        "GHOSTTY_RENDER_STATE_ROW_DATA_CELLS", *map("GHOSTTY_{}".format, ROW_VALUES),
    ),
    "GhosttyRenderStateRowCellsData": (
        "GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_BUF",
        *map("GHOSTTY_{}".format, CELL_VALUES),
    ),
    "GhosttyStyleColorTag": ("GHOSTTY_STYLE_COLOR_PALETTE", "GHOSTTY_STYLE_COLOR_RGB"),
}  # fmt: skip

_CONTENT_TAGS = {
    "CODEPOINT": 0, "CODEPOINT_GRAPHEME": 1, "BG_COLOR_PALETTE": 2, "BG_COLOR_RGB": 3,
}  # fmt: skip
_WIDTHS = {"NARROW": 0, "WIDE": 1, "SPACER_TAIL": 2, "SPACER_HEAD": 3}

_STRUCTS = (
    "GhosttyCellsView", "GhosttyColorRgb", "GhosttyGridRef", "GhosttyPoint",
    "GhosttyPointCoordinate", "GhosttySelection", "GhosttyStyle", "GhosttyStyleColor",
    "GhosttyTerminalModeConfig", "GhosttyTerminalScrollViewport",
    "GhosttyTerminalSelectionFormatOptions",
)  # fmt: skip


class OtherLibrary(ImportError):
    """The library is not the one that this package was written for."""


def succeed(result: int, what: str) -> None:
    """Raise ``RuntimeError`` unless a call of the library succeeded."""
    if result:
        raise RuntimeError(f"libghostty-vt: {what} failed with {result}")


def described() -> Any:
    """The library's description of its types."""
    return json.loads(ffi.string(lib.ghostty_type_json()))


def check() -> None:
    """Compare what is used with the library. Raises ``OtherLibrary`` where they differ."""
    types = described()["types"]
    for faults in (_struct_faults(types), _enum_faults(types), _cell_faults(types), _size_faults()):
        if faults:
            raise OtherLibrary(f"libghostty-vt is another one: {', '.join(faults)}")


def _struct_faults(types: Any) -> list[str]:
    found = []
    for name in _STRUCTS:
        fields = {field: one["offset"] for field, one in types[name]["fields"].items()}
        declared = {field: one.offset for field, one in ffi.typeof(name).fields}
        if types[name]["size"] != ffi.sizeof(name) or fields != declared:
            found.append(name)
    for twin, (name, value, members) in _TWINS.items():
        within = types[name]["fields"]["value"]["offset"]
        ours = [ffi.offsetof(twin, member) for member in members]
        theirs = [within + types[value]["fields"][member]["offset"] for member in members]
        if types[name]["size"] != ffi.sizeof(twin) or ours != theirs:
            found.append(name)
    return found


def _enum_faults(types: Any) -> list[str]:
    return [
        name
        for name, members in _ENUMS.items()
        for member in members
        if types[name]["values"].get(member.removeprefix(types[name]["prefix"]))
        != getattr(lib, member)
    ]


def _cell_faults(types: Any) -> list[str]:
    bits = types["GhosttyCell"]["bits"]
    arms = bits["content"]["arms"]
    start = bits["content"]["lsb"]
    rgb = arms["BG_COLOR_RGB"]["bits"]
    code_point = arms["CODEPOINT"]["bits"]["codepoint"]
    pairs = (
        (TAG, bits["content_tag"], 0),
        (STYLE_NUMBER, bits["style_id"], 0),
        (WIDE, bits["wide"], 0),
        (CODE_POINT, code_point, start),
        (PALETTE, arms["BG_COLOR_PALETTE"]["bits"]["index"], start),
        (RED, rgb["r"], start),
        (GREEN, rgb["g"], start),
        (BLUE, rgb["b"], start),
    )
    found = [f"bits of a cell {ours}" for ours, theirs, offset in pairs
             if ours != (theirs["lsb"] + offset, theirs["width"])]  # fmt: skip
    for name, values in (("GhosttyCellContentTag", _CONTENT_TAGS), ("GhosttyCellWide", _WIDTHS)):
        if any(types[name]["values"].get(word) != value for word, value in values.items()):
            found.append(name)
    return found


def _size_faults() -> list[str]:
    """Values of which other than the bytes of their type were written."""
    terminal, state = ffi.new("GhosttyTerminal*"), ffi.new("GhosttyRenderState*")
    rows, cells = ffi.new("GhosttyRenderStateRowIterator*"), ffi.new("GhosttyRenderStateRowCells*")
    succeed(lib.ghostty_terminal_new(ffi.NULL, terminal, 4, 2), "a new terminal")
    succeed(lib.ghostty_render_state_new(ffi.NULL, state), "a new render state")
    succeed(lib.ghostty_render_state_row_iterator_new(ffi.NULL, rows), "a new iterator")
    succeed(lib.ghostty_render_state_row_cells_new(ffi.NULL, cells), "new cells")
    try:
        # A limit has no value until it is set.
        limit = ffi.new("uint64_t[2]", [1, 0])
        for option in ("SCROLLBACK_MAX_LINES", "SCROLLBACK_MAX_BYTES"):
            key = getattr(lib, f"GHOSTTY_TERMINAL_OPT_{option}")
            succeed(lib.ghostty_terminal_set(terminal[0], key, limit), option)
        lib.ghostty_terminal_vt_write(terminal[0], b"\x1b[1mx", 5)
        succeed(lib.ghostty_render_state_update(state[0], terminal[0]), "an update")
        lib.ghostty_render_state_get(state[0], lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, rows)
        lib.ghostty_render_state_row_iterator_next(rows[0])
        lib.ghostty_render_state_row_get(rows[0], lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, cells)
        lib.ghostty_render_state_row_cells_select(cells[0], 0)
        return [
            *_written_otherwise(lib.ghostty_terminal_get, terminal[0], TERMINAL_VALUES),
            *_written_otherwise(lib.ghostty_render_state_get, state[0], RENDER_VALUES),
            *_written_otherwise(lib.ghostty_render_state_row_get, rows[0], ROW_VALUES),
            *_written_otherwise(lib.ghostty_render_state_row_cells_get, cells[0], CELL_VALUES),
        ]
    finally:
        lib.ghostty_render_state_row_cells_free(cells[0])
        lib.ghostty_render_state_row_iterator_free(rows[0])
        lib.ghostty_render_state_free(state[0])
        lib.ghostty_terminal_free(terminal[0])


def _written_otherwise(get: Any, handle: Any, values: dict[str, str]) -> list[str]:
    found = []
    for name, kind in values.items():
        size, most = ffi.sizeof(kind), 0
        for filler in (0xAA, 0x55):  # a byte that is written with one filler differs from the other
            buffer = ffi.new("uint8_t[512]", bytes([filler]) * 512)
            if kind == "GhosttyStyle":
                ffi.cast("GhosttyStyle*", buffer).size = size
            succeed(get(handle, getattr(lib, f"GHOSTTY_{name}"), buffer), name)
            after = bytes(ffi.buffer(buffer))
            most = max(most, len(after.rstrip(bytes([filler]))))
        padded = kind in ("GhosttyStyle", "GhosttyCellsView")  # their last bytes may be left alone
        if most > size or (most < size and not padded):
            found.append(name)
    return found
