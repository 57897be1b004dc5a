"""A domain's disks in XML: sources, backing chains, and the files behind them."""
