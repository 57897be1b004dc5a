"""Documents for property tests: well-formed ones with everything XML has, and any text at all."""

from __future__ import annotations

from hypothesis import strategies as st

names = st.sampled_from(["domain", "disk", "qemu:arg", "a", "naïve", "x-y.z"])
_values = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&'\""))
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&]>"))
_pieces = st.one_of(
    _texts,
    st.sampled_from(
        ["&lt;", "&#65;", "&amp;", "\n  ", "<!-- a 'note' > -->", "<![CDATA[ <b> ]]>", "<?pi x?>"]
    ),
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """One well-formed element."""
    name = draw(names)
    entered = draw(st.dictionaries(st.sampled_from(["id", "type", "dev"]), _values, max_size=3))
    quote = draw(st.sampled_from("'\""))
    gap = draw(st.sampled_from([" ", "\n   ", "  "]))
    attributes = "".join(f"{gap}{key}={quote}{value}{quote}" for key, value in entered.items())
    if draw(st.booleans()):
        return f"<{name}{attributes}/>"
    inner = _pieces if depth == 0 else st.one_of(_pieces, elements(depth - 1))
    return f"<{name}{attributes}>{''.join(draw(st.lists(inner, max_size=4)))}</{name}>"


scraps = st.lists(
    st.sampled_from(
        ["<", ">", "/", "</", "/>", "a", "b", "=", "'", '"', " ", "\n", "<!--", "-->", "<![CDATA[",
         "]]>", "<?", "?>", "<!", "&amp;", "&#x41;", "passwd"]
    ),
    max_size=40,
).map("".join)  # fmt: skip
