"""Keyboard layouts of guests: which keys type a character.

A guest gets keys and not characters, so that what is typed depends on the layout that was chosen in
it. The tables are those of QEMU's keymaps, which come from X's, with what Linux's console and
Windows agree on at the third level.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

SHIFT, ALTGR, SPACE = 42, 100, 57

_CODES = (41, *range(2, 14), *range(16, 28), *range(30, 41), 43, 86, *range(44, 54))
"""The keys that type, row by row from the upper left: codes of Linux's input events."""

_LEVELS: tuple[tuple[int, ...], ...] = ((), (SHIFT,), (ALTGR,), (ALTGR, SHIFT))

Stroke = tuple[int, ...]
"""Keys that are pressed together, modifiers first."""


class KeyboardLayout(Struct, frozen=True):
    """A layout, by its name of two letters.

    ``levels`` are what each key types: alone, with shift, with altgr, with both; a blank for
    nothing. ``dead`` are characters that wait for the next one: a space behind gives them alone.
    """

    name: str
    levels: tuple[str, ...]
    dead: str = ""

    def strokes(self, character: str) -> Sequence[Stroke]:
        """What types one character; () where the layout has it nowhere."""
        if character == " ":
            return ((SPACE,),)
        for held, level in zip(_LEVELS, self.levels, strict=False):
            place = level.find(character)
            if place >= 0:
                stroke = (*held, _CODES[place])
                return (stroke, (SPACE,)) if character in self.dead else (stroke,)
        return ()


LAYOUTS = {
    "us": KeyboardLayout(
        "us",
        (
            "`1234567890-=qwertyuiop[]asdfghjkl;'\\ zxcvbnm,./",
            '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"| ZXCVBNM<>?',
        ),
    ),
    "gb": KeyboardLayout(
        "gb",
        (
            "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
            '¬!"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?',
            "|   €  {[]}\\ @          ~          ^`|",
        ),
    ),
    "de": KeyboardLayout(
        "de",
        (
            "^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
            "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
            "       {[]}\\ @ €        ~          ^ |",
        ),
        dead="^´`",
    ),
    "ch": KeyboardLayout(
        "ch",
        (
            "§1234567890'^qwertzuiopü¨asdfghjklöä$<yxcvbnm,.-",
            '°+"*ç%&/()=?`QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_',
            " |@#   | ]} ~@ €       []          {}\\",
        ),
        dead="^´`¨~",
    ),
    "fr": KeyboardLayout(
        "fr",
        (
            "²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!",
            "~1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
            "  ~#{[|`\\^@]}  €         @         ^`|",
        ),
        dead="^¨",
    ),
    "be": KeyboardLayout(
        "be",
        (
            "²&é\"'(§è!çà)-azertyuiop^$qsdfghjklmùµ<wxcvbn,;:=",
            "³1234567890°_AZERTYUIOP¨*QSDFGHJKLM%£>WXCVBN?./+",
            " |@#  ^{[{}\\ @ €       []           `\\         ~",
        ),
        dead="^¨´`~",
    ),
    "es": KeyboardLayout(
        "es",
        (
            "º1234567890'¡qwertyuiop`+asdfghjklñ´ç<zxcvbnm,.-",
            'ª!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨Ç>ZXCVBNM;:_',
            "\\|@#~  {[]}\\~@ €       []         ~{}|",
        ),
        dead="`^´¨",
    ),
    "it": KeyboardLayout(
        "it",
        (
            "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.-",
            '|!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_',
            "       {[]}`~@ €       []         @#`",
        ),
    ),
    "pt": KeyboardLayout(
        "pt",
        (
            "\\1234567890'«qwertyuiop+´asdfghjklçº~<zxcvbnm,.-",
            '|!"#$%&/()=?»QWERTYUIOP*`ASDFGHJKLÇª^>ZXCVBNM;:_',
            "  @    {[]}\\ @ €        ~          ^`\\",
        ),
        dead="´`~^¨",
    ),
    "br": KeyboardLayout(
        "br",
        (
            "'1234567890-=qwertyuiop´[asdfghjklç~]\\zxcvbnm,.;",
            '"!@#$%¨&*()_+QWERTYUIOP`{ASDFGHJKLÇ^}|ZXCVBNM<>:',
            "       {[]}\\ /?€                   ~",
        ),
        dead="´`~^¨",
    ),
    "dk": KeyboardLayout(
        "dk",
        (
            "½1234567890+´qwertyuiopå¨asdfghjklæø'<zxcvbnm,.-",
            '§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÆØ*>ZXCVBNM;:_',
            "  @ $  {[]} |@ €        ~          ^ \\",
        ),
        dead="´`¨^~",
    ),
    "no": KeyboardLayout(
        "no",
        (
            "|1234567890+\\qwertyuiopå¨asdfghjkløæ'<zxcvbnm,.-",
            '§!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLØÆ*>ZXCVBNM;:_',
            "  @ $  {[]}  @ €        ~          ^",
        ),
        dead="´`¨^~",
    ),
    "fi": KeyboardLayout(
        "fi",
        (
            "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.-",
            '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_',
            "  @ $  {[]}\\   €        ~            |",
        ),
        dead="´`¨^~",
    ),
    "se": KeyboardLayout(
        "se",
        (
            "§1234567890+´qwertyuiopå¨asdfghjklöä'<zxcvbnm,.-",
            '½!"#¤%&/()=?`QWERTYUIOPÅ^ASDFGHJKLÖÄ*>ZXCVBNM;:_',
            "  @ $  {[]}\\   €        ~            |",
        ),
        dead="´`¨^~",
    ),
    "pl": KeyboardLayout(
        "pl",
        (
            "`1234567890-=qwertyuiop[]asdfghjkl;'\\ zxcvbnm,./",
            '~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"| ZXCVBNM<>?',
            "     €         ę     ó  ~ąś      ł ^` żźć  ń",
            "               Ę     Ó   ĄŚ      Ł    ŻŹĆ  Ń",
        ),
    ),
}

DEFAULT = "us"

# What libvirt's keymap of a display is called here; it names X's layouts in QEMU's way.
_KEYMAPS = {
    "en-us": "us", "en-gb": "gb", "de-ch": "ch", "fr-be": "be", "pt-br": "br", "da": "dk",
    "sv": "se",
}  # fmt: skip


def layout_of_keymap(keymap: str) -> KeyboardLayout:
    """The layout of a display's keymap; the American one where none is named, or no known one."""
    return LAYOUTS.get(_KEYMAPS.get(keymap, keymap), LAYOUTS[DEFAULT])


def typed(text: str, layout: KeyboardLayout) -> tuple[tuple[Stroke, ...], str]:
    """The strokes that type a text, and its characters that the layout does not have.

    Lines end with the enter key; tabs are the tab key. Other control characters are left out.
    """
    found: list[Stroke] = []
    missing: dict[str, None] = {}
    for character in text.replace("\r\n", "\n").replace("\r", "\n"):
        if character == "\n":
            found.append((28,))
        elif character == "\t":
            found.append((15,))
        elif strokes := layout.strokes(character):
            found += strokes
        elif character.isprintable():
            missing[character] = None
    return tuple(found), "".join(missing)
