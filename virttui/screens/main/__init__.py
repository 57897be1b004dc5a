"""The main screen: keys become actions, actions become commands."""
