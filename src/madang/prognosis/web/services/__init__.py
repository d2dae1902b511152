"""What does the site do with patients, prognoses and models?"""
