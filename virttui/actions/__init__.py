"""Every action once: its key, its words, what it is for, why it cannot be done, what it asks.

The key map, the keys line, the help page, the palette and the ``:`` line are all made from
``ACTIONS``. An action on objects says *why not* for each subject and which verb it would be
(``panes.action_plan`` makes commands of them); an action on the screen is only named here and done
by the screen's hands."""
