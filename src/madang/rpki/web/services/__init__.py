"""What happens to members, drafts, routes and alarms: everything that changes something."""
