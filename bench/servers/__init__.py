"""The peers: servers that answer the bench's operations in other ways."""
