"""What is known of all hosts, as one frozen state, and what forms need of it."""
