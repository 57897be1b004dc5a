"""Operating systems: osinfo's database, install media and install trees."""
