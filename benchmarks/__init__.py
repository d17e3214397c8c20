"""geoplan and its peers side by side, each as a process of its own.

``python -m benchmarks subdivision`` measures, prints tables and writes ``results.md`` and
``results.json``. Nothing here is a test: times depend on the machine and on who shares it.
"""
