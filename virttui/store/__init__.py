"""The state of all hosts, as one frozen record, and the contexts that forms need of it."""
