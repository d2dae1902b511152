"""The Django face of the kernel: people, organisations, pages, the queue and the evidence log in one database."""
