"""Who gets which won of a distribution, and why?"""
