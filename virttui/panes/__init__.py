"""Panes: what every screen shows, as pure functions from the model to lines of styled runs.

Nothing here knows the terminal library or libvirt. The order of dependence::

    render.line, render.glyphs     runs, widths, the characters that are drawn
      └── render.columns, .list_cursor, .filter    cells, cursor and marks, the filter language
            └── store.fleet_state, .attention      all hosts at one moment; what needs attention
                  └── domains, networks, storage, hosts, main.tasks, main.events
                        ├── action_plan, virsh_equivalent, main.help    keys as commands and words
                        └── main.host_strip, main.below_list            the rest of the screen
                              └── main.view_state                       the state, and the frame
"""
