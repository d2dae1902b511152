"""What people see of the routing-security system."""
