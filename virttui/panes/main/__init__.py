"""The main screen: its lists of tasks and events, titles, key hints, help."""
