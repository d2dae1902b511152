"""What was posted, in which order, and what does every balance consist of?"""
