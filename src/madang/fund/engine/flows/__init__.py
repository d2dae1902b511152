"""What can happen to a fund? Each act as a function of its book that gives drafts."""
