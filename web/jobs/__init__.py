"""Work done outside a request, as tasks of the queue; nothing here knows of the web framework."""
