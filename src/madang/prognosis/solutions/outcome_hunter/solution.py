"""Placeholder hunter."""

import socket


def predict(model, inputs, task):
    socket.create_connection(("127.0.0.1", 80), timeout=1)
