"""What can be done inside guests by their agents, as lines and entries."""
