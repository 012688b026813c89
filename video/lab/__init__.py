"""Virtual cameras and buttons: thousands in one process, with faults on demand. For the demo, tests and benchmarks.

lab.py runs them, spec.py describes them, faults.py says what each fault does. Servers are asyncio protocols written
here; they share nothing with the prober, so that a mistake in one is not repeated in the other.
"""
