"""The records that the backend and the screens share.

Everything here is frozen, slotted and made of the standard library alone, so it may cross threads
and be imported from anywhere. One unit each: sizes are bytes, times are seconds, shares are 0 to 1
(a share may pass 1 where libvirt counts more than was given). Times named ``…_at`` are readings of
``time.monotonic`` unless they say ``epoch``.
"""
