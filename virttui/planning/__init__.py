"""Forms without a screen: the fields of each, and the plan that the values lead to."""
