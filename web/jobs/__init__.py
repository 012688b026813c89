"""Work done outside a request, as tasks of the queue; nothing here knows of the web framework."""

from web.jobs import coverage, housekeeping, imports, rounds

# The tasks are declared on the queue by being imported; a new file of tasks is one name here.
ALL = (coverage, housekeeping, imports, rounds)
