"""The command `text2art`: the service and its halves, and what its operator needs."""
