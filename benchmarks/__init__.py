"""geoplan and its peers side by side, each as a process of its own.

``python -m benchmarks`` measures, prints tables and writes ``results.md`` and ``results.json``;
``python -m benchmarks allocation`` measures one part, the others keep their results. Nothing
here is a test: times depend on the machine and on who shares it.
"""
