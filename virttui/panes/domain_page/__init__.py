"""The page of one domain: left what it is, right how it fares.

``page`` lays out, ``stage`` holds what the hands chose. Everything here turns a survey and the
domain's details into lines.
"""
