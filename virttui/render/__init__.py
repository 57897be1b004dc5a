"""Lines of styled text, columns, lists, graphs and filters: the toolkit of every pane."""
