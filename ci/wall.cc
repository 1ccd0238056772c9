// Where the include folders of the oracle's targets are read off; never built. See wall_test.py.
