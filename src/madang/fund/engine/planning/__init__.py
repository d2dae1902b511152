"""What may the years to come bring? Calls, distributions, cash and quotas, as plans."""
