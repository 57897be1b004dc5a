"""Forms of new networks, pools and volumes."""
