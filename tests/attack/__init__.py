"""What is hostile, kept as a suite that every later feature can be run against.

``texts`` are names and words that guests, hosts and files may have; ``definitions`` are those that
reach into their host. The tests here run whole commands and the whole screen against them. Archives
and images are attacked in ``tests/parcels``, kills at every step in ``tests/lab/test_every_step``,
storage that fills up in ``tests/lab/test_storage_faults`` and ``tests/lab/test_archives``.
"""
