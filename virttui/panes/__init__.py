"""What every pane shows, as pure functions: model in, lines of styled runs out.

Nothing here knows the terminal library or libvirt. The order of dependence::

    line, glyphs                 runs, widths, the characters we draw with
      └── columns, hold, filter  one row from many cells; cursor and marks; what is shown
            └── survey, health   all that is known at one moment; what needs attention
                  └── domains, networks, pools, volumes, hosts, tasks, events
                        ├── plans, byhand, help       what keys would do, as commands and words
                        └── strip, drawer, chrome     the rest of the screen
                              └── stage               what the hands have chosen, and the frame
"""
