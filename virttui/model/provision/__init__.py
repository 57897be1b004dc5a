"""What is planned before a domain, network or pool is made."""
