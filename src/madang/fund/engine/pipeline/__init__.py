"""How does a company come to be invested in, and who decided so?"""
