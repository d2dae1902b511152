"""The Django face of the kernel: people, pages, the queue and the evidence log in one database."""
