"""libvirt's XML: parsing, checking, editing and comparing. Pure, without a connection."""
