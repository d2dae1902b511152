"""A job is a plain function, JSON in and out: how is it run, queued, leased and never lost?"""
