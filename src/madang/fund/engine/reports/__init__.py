"""What do partners, the ministry and auditors read? Tables whose every won leads to postings."""
