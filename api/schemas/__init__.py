"""What the API takes and gives: the same models in the server, the client and its documents."""
