"""Pictures of a guest's screen: decoded, read back as text, or drawn in a terminal's cells.

``decode`` decodes what libvirt gives, ``text_mode`` reads the letters of a text mode by the tables
of ``fonts``, ``cells`` draws anything else, ``situations`` says what a screen of text waits for.
"""
