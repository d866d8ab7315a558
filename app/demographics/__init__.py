"""What people say about who they are: encrypted, per purpose, read only with consent."""
