"""Dialogs about networks: DHCP and DNS records, network filters."""
