"""libvirt XML through lxml: pure, no connection and no screen."""
