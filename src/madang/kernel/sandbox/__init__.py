"""Untrusted code runs here and nowhere else: bubblewrap, a seccomp filter and a control group."""
