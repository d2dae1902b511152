"""The validator as a service: fetch, judge, tell routers, remember, answer."""
