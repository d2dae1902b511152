"""What do people type in, and is it right?"""
