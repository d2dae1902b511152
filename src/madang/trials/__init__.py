"""Trials (공공AX): does a company's AI solve an agency's problem, on data that the company never sees?"""
