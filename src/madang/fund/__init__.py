"""Where did each won of the AI innovation fund come from, where did it go, what did it raise?"""
