"""What is typed after ``:``: read as an intent, completed word by word, told what is wrong in it.

``read`` makes a ``Reading`` of a line: how its last word could go on, what the line would do, or
why it cannot be run. Nothing here does anything; ``screens.prompts`` carries intents out.
"""

from virttui.typed.intents import (
    Act,
    Add,
    Export,
    Go,
    Intent,
    Own,
    Parcel,
    Reading,
    Set,
    View,
    Virsh,
    Work,
)
from virttui.typed.reading import read

__all__ = [
    "Act",
    "Add",
    "Export",
    "Go",
    "Intent",
    "Own",
    "Parcel",
    "Reading",
    "Set",
    "View",
    "Virsh",
    "Work",
    "read",
]
