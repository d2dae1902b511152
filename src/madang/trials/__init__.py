"""Trials (공공AX): does a firm's AI solve an agency's problem, on data it never sees?"""
