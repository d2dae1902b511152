"""What did the partners agree? The terms of a fund as data, one version after the other."""
